//! What a relay sends at once.

use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;
use tokio::time::Instant;

use super::super::ClientId;

/// Messages behind one another, in one piece of bytes.
#[derive(Debug)]
pub(super) struct Batch {
    bytes: Bytes,
    /// Offset of the first message.
    from: u64,
    /// Where each message ends.
    ends: SmallVec<[usize; 8]>,
    /// The clients that one of the messages is not for.
    except: SmallVec<[ClientId; 2]>,
    /// When each message was broadcast.
    at: SmallVec<[Instant; 8]>,
}

/// A batch that is being put together.
#[derive(Debug)]
pub(super) struct Draft {
    pieces: SmallVec<[Bytes; 8]>,
    batch: Batch,
}

/// A batch is as large as this at most, but for one message that is larger by itself.
const BYTES: usize = 64 << 10;
const MESSAGES: usize = 64;

impl Draft {
    /// The first message will be the one at `from`.
    pub(super) fn new(from: u64) -> Self {
        let batch = Batch {
            bytes: Bytes::new(),
            from,
            ends: SmallVec::new(),
            except: SmallVec::new(),
            at: SmallVec::new(),
        };
        Self { pieces: SmallVec::new(), batch }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        let size = self.batch.ends.last().copied().unwrap_or_default();
        size >= BYTES || self.pieces.len() >= MESSAGES
    }

    pub(super) fn push(&mut self, piece: Bytes, except: Option<ClientId>, at: Instant) {
        let size = self.batch.ends.last().copied().unwrap_or_default();
        self.batch.ends.push(size + piece.len());
        self.batch.except.extend(except);
        self.batch.at.push(at);
        self.pieces.push(piece);
    }

    pub(super) fn finish(self) -> Batch {
        let Self { mut pieces, batch } = self;
        // One message goes out as it was encoded; several are copied once for all sockets, which a
        // gathering write would do for each.
        let bytes = if pieces.len() == 1 {
            pieces.remove(0)
        } else {
            let size = batch.ends.last().copied().unwrap_or_default();
            let mut bytes = BytesMut::with_capacity(size);
            for piece in pieces {
                bytes.extend_from_slice(&piece);
            }
            bytes.freeze()
        };
        Batch { bytes, ..batch }
    }
}

impl Batch {
    /// Offset of the message behind the last one.
    pub(super) fn next(&self) -> u64 {
        self.from + self.ends.len() as u64
    }

    pub(super) fn is_for(&self, client: Option<ClientId>) -> bool {
        client.is_none_or(|client| !self.except.contains(&client))
    }

    /// What stands from the message at `cursor` on; `None` if it is not in the batch.
    pub(super) fn from(&self, cursor: u64) -> Option<Part<'_>> {
        let index = usize::try_from(cursor.checked_sub(self.from)?).ok()?;
        if index >= self.ends.len() {
            return None;
        }
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        Some(Part { batch: self, index, start })
    }
}

/// The end of a batch, from one message on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    batch: &'a Batch,
    index: usize,
    start: usize,
}

impl Part<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.batch.bytes[self.start..]
    }

    /// What is left when so many bytes of it were written.
    pub(super) fn behind(&self, written: usize) -> Bytes {
        self.batch.bytes.slice(self.start + written..)
    }

    pub(super) fn messages(&self) -> u64 {
        (self.batch.ends.len() - self.index) as u64
    }

    /// Offset of each message, and when it was broadcast.
    pub(super) fn broadcast(&self) -> impl Iterator<Item = (u64, Instant)> {
        let first = self.batch.from + self.index as u64;
        (first..).zip(self.batch.at[self.index..].iter().copied())
    }
}
