//! What a relay sends at once.

use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;
use tokio::time::Instant;

use crate::broadcast::{ClientId, latency};

/// Messages behind one another, in one piece of bytes.
#[derive(Debug)]
pub(super) struct Batch {
    bytes: Bytes,
    /// Offset of the first message.
    from: u64,
    messages: SmallVec<[Sent; 8]>,
    /// The clients that one of the messages is not for.
    except: SmallVec<[ClientId; 2]>,
    /// The messages whose way to each reader is measured, and when they were broadcast.
    measured: SmallVec<[(u64, Instant); 1]>,
}

/// One message of a batch.
#[derive(Debug, Clone, Copy, Default)]
struct Sent {
    /// Where it ends in the bytes.
    end: usize,
    /// How many bytes the metrics are told of, it and those before it.
    told: usize,
}

/// A message as it goes out.
pub(super) struct Piece {
    pub(super) bytes: Bytes,
    /// How many bytes the metrics are told of: not those of an HTTP chunk around it.
    pub(super) told: usize,
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
            messages: SmallVec::new(),
            except: SmallVec::new(),
            measured: SmallVec::new(),
        };
        Self { pieces: SmallVec::new(), batch }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.batch.before(self.pieces.len()).end >= BYTES || self.pieces.len() >= MESSAGES
    }

    pub(super) fn push(&mut self, piece: Piece, except: Option<ClientId>, at: Instant) {
        let Piece { bytes, told } = piece;
        let before = self.batch.before(self.pieces.len());
        let (end, told) = (before.end + bytes.len(), before.told + told);
        let offset = self.batch.next();
        if latency::is_measured(offset) {
            self.batch.measured.push((offset, at));
        }
        self.batch.messages.push(Sent { end, told });
        self.batch.except.extend(except);
        self.pieces.push(bytes);
    }

    pub(super) fn finish(self) -> Batch {
        let Self { mut pieces, batch } = self;
        // One message goes out as it was encoded; several are copied once for all sockets, which a
        // gathering write would do for each.
        let bytes = if pieces.len() == 1 {
            pieces.remove(0)
        } else {
            let size = batch.before(pieces.len()).end;
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
    /// What stands before the message of this index.
    fn before(&self, index: usize) -> Sent {
        index.checked_sub(1).map_or_else(Sent::default, |last| self.messages[last])
    }

    /// Offset of the message behind the last one.
    pub(super) fn next(&self) -> u64 {
        self.from + self.messages.len() as u64
    }

    pub(super) fn is_for(&self, client: Option<ClientId>) -> bool {
        client.is_none_or(|client| !self.except.contains(&client))
    }

    /// What stands from the message at `cursor` on; `None` if it is not in the batch.
    pub(super) fn from(&self, cursor: u64) -> Option<Part<'_>> {
        let index = usize::try_from(cursor.checked_sub(self.from)?).ok()?;
        (index < self.messages.len()).then(|| Part {
            batch: self,
            index,
            before: self.before(index),
        })
    }
}

/// The end of a batch, from one message on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    batch: &'a Batch,
    index: usize,
    before: Sent,
}

impl Part<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.batch.bytes[self.before.end..]
    }

    /// What is left when so many bytes of it were written.
    pub(super) fn behind(&self, written: usize) -> Bytes {
        self.batch.bytes.slice(self.before.end + written..)
    }

    pub(super) fn messages(&self) -> u64 {
        (self.batch.messages.len() - self.index) as u64
    }

    /// How many bytes the metrics are told of.
    pub(super) fn told(&self) -> u64 {
        (self.batch.before(self.batch.messages.len()).told - self.before.told) as u64
    }

    /// The offsets of those that are measured, and when they were broadcast.
    pub(super) fn measured(&self) -> impl Iterator<Item = (u64, Instant)> {
        let first = self.batch.from + self.index as u64;
        self.batch.measured.iter().copied().filter(move |(offset, _)| *offset >= first)
    }
}
