//! A message while its frames arrive (RFC 6455 section 5.4).

use bytes::Bytes;
use bytestring::ByteString;

use super::reader::{Event, ReadError};
use crate::wire::{Inflating, OpCode, Utf8, Work, mask};

/// What is unmasked at a time of a compressed message, whose bytes are not kept.
const PIECE: usize = 4 << 10;

/// The unmasked bytes of a message so far, inflated where it comes compressed.
#[derive(Debug)]
pub(super) struct MessageBuffer {
    /// Only a text message is checked.
    utf8: Option<Utf8>,
    inflating: Option<Inflating>,
    bytes: Vec<u8>,
    /// Where the frame that is being read will end; at most `limit`. Not told by the frames of a
    /// compressed message.
    end: usize,
    /// `max_message`.
    limit: usize,
}

impl MessageBuffer {
    pub(super) fn new(opcode: OpCode, limit: usize) -> Self {
        let utf8 = (opcode == OpCode::Text).then(Utf8::default);
        Self { utf8, inflating: None, bytes: Vec::new(), end: 0, limit }
    }

    /// The message is compressed, if there is something to inflate it with.
    pub(super) fn inflating(mut self, inflating: Option<Inflating>) -> Self {
        self.inflating = inflating;
        self
    }

    /// Expects a further frame with `length` bytes, if the message may grow by as much; allocates
    /// nothing for what is only declared.
    pub(super) fn expect(&mut self, length: u64) -> Result<usize, ReadError> {
        let limit = self.limit;
        let length = usize::try_from(length).ok();
        if self.inflating.is_some() {
            let length = length.filter(|length| *length <= Inflating::bound(limit));
            return length.ok_or(ReadError::TooBig { limit });
        }
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
        if let Some(inflating) = &mut self.inflating {
            let mut piece = [0; PIECE];
            for (index, chunk) in chunk.chunks(PIECE).enumerate() {
                let piece = &mut piece[..chunk.len()];
                piece.copy_from_slice(chunk);
                mask::apply(piece, key, offset + index * PIECE);
                inflating.push(piece, &mut self.bytes, self.limit)?;
            }
        } else {
            self.reserve(chunk.len());
            mask::extend(&mut self.bytes, chunk, key, offset);
        }
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

    /// Work that inflating was since this was last asked.
    pub(super) fn take_work(&mut self) -> Work {
        self.inflating.as_mut().map(Inflating::take_work).unwrap_or_default()
    }

    /// Ends the compressed data, if there is such, and gives back what inflated it.
    pub(super) fn finish(&mut self, work: &mut Work) -> Result<Option<Inflating>, ReadError> {
        let Some(mut inflating) = self.inflating.take() else { return Ok(None) };
        inflating.finish(&mut self.bytes, self.limit)?;
        work.add(inflating.take_work());
        Ok(Some(inflating))
    }

    /// The whole message.
    pub(super) fn into_event(self) -> Result<Event, ReadError> {
        event(self.bytes, self.utf8.is_some())
    }
}

/// A whole message.
pub(super) fn event(bytes: Vec<u8>, text: bool) -> Result<Event, ReadError> {
    let bytes = Bytes::from(bytes);
    if !text {
        return Ok(Event::Binary(bytes));
    }
    let text = ByteString::try_from(bytes).map_err(|_| ReadError::InvalidUtf8)?;
    Ok(Event::Text(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Compression, Inbound, agree};

    #[test]
    fn what_inflates_never_holds_more_than_the_limit() {
        const LIMIT: usize = 100_000;
        let bomb = miniz_oxide::deflate::compress_to_vec(&vec![0; 100 * LIMIT], 9);
        let offer = ["permessage-deflate"].into_iter();
        let agreement = agree(Compression::Broadcast, offer).unwrap();
        let inflating = Inbound::new(agreement).begin();
        let mut buffer = MessageBuffer::new(OpCode::Binary, LIMIT).inflating(Some(inflating));
        let mut refused = None;
        for byte in &bomb {
            refused = buffer.push(&[*byte], [0; 4], 0, false).err();
            assert!(buffer.bytes.capacity() <= LIMIT, "{}", buffer.bytes.capacity());
            if refused.is_some() {
                break;
            }
        }
        assert_eq!(refused, Some(ReadError::TooBig { limit: LIMIT }));
    }

    #[test]
    fn never_holds_more_than_was_sent_doubled_nor_more_than_the_limit() {
        const LIMIT: usize = 1_000_000;
        let mut buffer = MessageBuffer::new(OpCode::Binary, LIMIT);
        buffer.expect(LIMIT as u64).unwrap();
        assert_eq!(buffer.bytes.capacity(), 0, "a declared length allocates nothing");
        for sent in 1..=LIMIT / 500 {
            buffer.push(&[0; 500], [0; 4], 0, false).unwrap();
            let capacity = buffer.bytes.capacity();
            assert!(capacity <= (2 * sent * 500).min(LIMIT), "{capacity} for {}", sent * 500);
        }
        assert_eq!(buffer.expect(1), Err(ReadError::TooBig { limit: LIMIT }));
    }
}
