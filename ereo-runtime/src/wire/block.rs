//! A block in both of its forms: as it is, and as the HTTP/1 chunk that carries it.

use std::fmt::Display;
use std::io::Write as _;

use bytes::Bytes;

use super::batch::Part;
use super::format::Framing;

/// Room for the size line of a chunk: eight hexadecimal digits, which is what a `u32` needs, and CRLF.
const SIZE_LINE: usize = 10;

/// Whole events, up to and with their blank line, inside one chunk (RFC 9112 section 7.1): made once,
/// sent as either.
#[derive(Debug, Clone)]
pub struct Block {
    chunk: Bytes,
    /// Index at which the events begin.
    start: usize,
}

/// A piece that is sent at once: a block, or those of several messages, put together as they are framed.
pub enum Outgoing {
    Block(Block),
    Batch(Part),
}

/// The text of a block while it is written.
pub(crate) struct BlockDraft(String);

impl BlockDraft {
    /// With room for `size` bytes of text.
    pub(crate) fn with_capacity(size: usize) -> Self {
        let mut text = String::with_capacity(SIZE_LINE + size + 2);
        text.push_str("00000000\r\n");
        Self(text)
    }

    /// The text that fields are added to.
    pub(crate) fn text(&mut self) -> &mut String {
        &mut self.0
    }

    /// Holds room for so many bytes more of text, and little else: it is kept for long.
    pub(crate) fn fit(&mut self, more: usize) {
        let needed = self.0.len() + more + 2;
        self.0.reserve_exact(more + 2);
        if self.0.capacity() > needed + needed / 8 {
            self.0.shrink_to(needed);
        }
    }

    /// Bytes of the heap that it holds.
    pub(crate) fn capacity(&self) -> usize {
        self.0.capacity()
    }

    /// Bytes of text so far.
    pub(crate) fn len(&self) -> usize {
        self.0.len() - SIZE_LINE
    }

    pub(crate) fn finish(self) -> Block {
        let size = self.len();
        let mut bytes = self.0.into_bytes();
        bytes.extend_from_slice(b"\r\n");
        // Without its leading zeros, flush with the CRLF behind it.
        let digits = (size.max(1).ilog2() / 4 + 1) as usize;
        let first = SIZE_LINE - 2 - digits;
        // The slice has exactly as many bytes as the number has digits.
        let _ = write!(&mut bytes[first..SIZE_LINE - 2], "{size:x}");
        Block { chunk: Bytes::from(bytes).slice(first..), start: digits + 2 }
    }
}

impl Block {
    /// A block of this text.
    pub(crate) fn of(text: &str) -> Self {
        let mut draft = BlockDraft::with_capacity(text.len());
        draft.text().push_str(text);
        draft.finish()
    }

    /// The same event with another id: this one's ends with `id`.
    pub(crate) fn with_id(&self, id: &impl Display, other: &impl Display) -> Self {
        let events = self.events();
        let tail = format!("id: {id}\n\n");
        let fields = events.strip_suffix(tail.as_bytes()).unwrap_or(&events);
        // An event is text. It is not looked at here, and what is none would be replaced.
        Self::of(&format!("{}id: {other}\n\n", String::from_utf8_lossy(fields)))
    }

    /// The events alone.
    pub(crate) fn events(&self) -> Bytes {
        self.chunk.slice(self.start..self.chunk.len() - 2)
    }

    /// Bytes of the events.
    pub(crate) fn len(&self) -> usize {
        self.chunk.len() - self.start - 2
    }

    /// Bytes of the heap that it holds.
    pub(crate) fn capacity(&self) -> usize {
        // With what is left over of the longest size line, and of the longest position.
        SIZE_LINE + self.chunk.len() + 64
    }

    /// The whole chunk.
    pub(crate) fn into_chunk(self) -> Bytes {
        self.chunk
    }
}

impl Outgoing {
    /// Messages, and bytes of events, for the metrics.
    pub(crate) fn counts(&self) -> (u64, u64) {
        match self {
            Self::Block(block) => (1, block.len() as u64),
            Self::Batch(part) => (part.messages(), part.told()),
        }
    }

    pub(crate) fn into_bytes(self, framing: Framing) -> Bytes {
        match (self, framing) {
            (Self::Block(block), Framing::Bare) => block.events(),
            (Self::Block(block), Framing::Chunks) => block.into_chunk(),
            (Self::Batch(part), _) => part.bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_id_leaves_the_rest_of_the_event() {
        let block = Block::of("event: a\ndata: id: 1-1\nid: 1-1\n\n");
        let other = block.with_id(&"1-1", &"1-1.2-7");
        assert_eq!(other.events(), "event: a\ndata: id: 1-1\nid: 1-1.2-7\n\n".as_bytes());
    }

    #[test]
    fn a_chunk_says_how_long_its_events_are() {
        for size in [1, 2, 15, 16, 17, 255, 256, 4095, 4096, 65_535, 65_536, 1 << 20] {
            let text = "x".repeat(size);
            let block = Block::of(&text);
            assert_eq!(block.events(), text.as_bytes());
            assert_eq!(block.len(), size);
            let chunk = block.into_chunk();
            assert_eq!(chunk, format!("{size:x}\r\n{text}\r\n").as_bytes());
        }
    }
}
