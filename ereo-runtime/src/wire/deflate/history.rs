//! The context that a connection keeps in one direction (RFC 7692 section 7.1.1).

use super::window::Window;

/// The last bytes of what was compressed, at most a window of them.
///
/// It stands in for zlib's own state: given back as a dictionary it makes a fresh compressor refer to
/// it, and a fresh inflater understand what does.
#[derive(Debug)]
pub(super) struct History {
    size: usize,
    bytes: Vec<u8>,
}

impl History {
    /// Nothing yet, and no allocation.
    pub(super) const fn new(window: Window) -> Self {
        Self { size: window.size(), bytes: Vec::new() }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes a message behind what there is.
    pub(super) fn push(&mut self, message: &[u8]) {
        let message = &message[message.len().saturating_sub(self.size)..];
        let length = (self.bytes.len() + message.len()).min(self.size);
        self.bytes.drain(..self.bytes.len() + message.len() - length);
        // Exactly: doubling would reserve more than the bound that is promised.
        self.bytes.reserve_exact(message.len());
        self.bytes.extend_from_slice(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_last_bytes_and_no_more(
            messages in proptest::collection::vec(proptest::collection::vec(0u8.., 0..1300), 0..8),
        ) {
            let window = Window::new(9).unwrap();
            let mut history = History::new(window);
            for message in &messages {
                history.push(message);
                proptest::prop_assert!(history.bytes.capacity() <= window.size());
            }
            let all = messages.concat();
            proptest::prop_assert_eq!(
                history.as_slice(),
                &all[all.len().saturating_sub(window.size())..],
            );
        }
    }
}
