//! What the last chunk ended in of a frame's header.

use crate::wire::MAX_HEADER;

/// A few bytes that are waited for, without an allocation.
#[derive(Debug, Default)]
pub(super) struct Partial {
    bytes: [u8; MAX_HEADER],
    length: u8,
}

const _: () = assert!(MAX_HEADER <= u8::MAX as usize);

impl Partial {
    pub(super) fn len(&self) -> usize {
        usize::from(self.length)
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len()]
    }

    /// Appends what fits and says how much that was.
    pub(super) fn fill(&mut self, from: &[u8]) -> usize {
        let length = self.len();
        let taken = from.len().min(MAX_HEADER - length);
        self.bytes[length..length + taken].copy_from_slice(&from[..taken]);
        // At most `MAX_HEADER`, so the sum fits.
        self.length += taken as u8;
        taken
    }
}
