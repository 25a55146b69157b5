//! A message while its frames arrive (RFC 6455 section 5.4).

use bytes::Bytes;
use bytestring::ByteString;

use super::frame::OpCode;
use super::mask;
use super::reader::{Event, ReadError};
use super::utf8::Utf8;

/// The unmasked bytes of a message so far.
#[derive(Debug)]
pub(super) struct MessageBuffer {
    /// Only a text message is checked.
    utf8: Option<Utf8>,
    bytes: Vec<u8>,
    /// Where the frame that is being read will end; at most `max_message`.
    end: usize,
}

impl MessageBuffer {
    pub(super) fn new(opcode: OpCode) -> Self {
        let utf8 = (opcode == OpCode::Text).then(Utf8::default);
        Self { utf8, bytes: Vec::new(), end: 0 }
    }

    /// Expects a further frame with `length` bytes, if the message may grow by as much; allocates
    /// nothing for what is only declared.
    pub(super) fn expect(&mut self, length: u64, limit: usize) -> Result<usize, ReadError> {
        let length = usize::try_from(length).ok();
        let end = length.and_then(|length| self.end.checked_add(length));
        let end = end.filter(|end| *end <= limit).ok_or(ReadError::TooBig { limit })?;
        let added = end - self.end;
        self.end = end;
        Ok(added)
    }

    /// Adds the next bytes of the frame, masked with `key`, `offset` bytes into its payload.
    pub(super) fn push(
        &mut self,
        chunk: &[u8],
        key: [u8; 4],
        offset: usize,
        last: bool,
    ) -> Result<(), ReadError> {
        let start = self.bytes.len();
        self.reserve(chunk.len());
        self.bytes.extend_from_slice(chunk);
        mask::apply(&mut self.bytes[start..], key, offset);
        match &mut self.utf8 {
            // The last part is checked when the whole becomes a string.
            Some(utf8) if !last => utf8.check(&self.bytes).map_err(|_| ReadError::InvalidUtf8),
            _ => Ok(()),
        }
    }

    /// Doubles like a `Vec`, but never past what the frame will need: a message that came in one
    /// chunk fits its allocation exactly, and none outgrows the limit.
    fn reserve(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let target = (2 * self.bytes.capacity()).min(self.end).max(needed);
            self.bytes.reserve_exact(target - self.bytes.len());
        }
    }

    /// The whole message.
    pub(super) fn into_event(self) -> Result<Event, ReadError> {
        let bytes = Bytes::from(self.bytes);
        if self.utf8.is_none() {
            return Ok(Event::Binary(bytes));
        }
        let text = ByteString::try_from(bytes).map_err(|_| ReadError::InvalidUtf8)?;
        Ok(Event::Text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_holds_more_than_was_sent_doubled_nor_more_than_the_limit() {
        const LIMIT: usize = 1_000_000;
        let mut buffer = MessageBuffer::new(OpCode::Binary);
        buffer.expect(LIMIT as u64, LIMIT).unwrap();
        assert_eq!(buffer.bytes.capacity(), 0, "a declared length allocates nothing");
        for sent in 1..=LIMIT / 500 {
            buffer.push(&[0; 500], [0; 4], 0, false).unwrap();
            let capacity = buffer.bytes.capacity();
            assert!(capacity <= (2 * sent * 500).min(LIMIT), "{capacity} for {}", sent * 500);
        }
        assert_eq!(buffer.expect(1, LIMIT), Err(ReadError::TooBig { limit: LIMIT }));
    }
}
