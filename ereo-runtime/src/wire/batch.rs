//! Messages behind one another, in one piece of bytes: put together once, and sent to many.

use std::ops::Deref;

use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;
use tokio::time::Instant;

use super::client_id::ClientId;
use super::latency;
use crate::sync::Arc;

/// See the module.
#[derive(Debug)]
pub struct Batch {
    bytes: Bytes,
    /// Offset of the first message.
    from: u64,
    messages: SmallVec<[Sent; 8]>,
    /// The messages that are not for all, by their offsets, each with whom it is not for.
    except: SmallVec<[(u64, ClientId); 1]>,
    /// The messages whose way to each reader is measured, and when they were broadcast.
    measured: SmallVec<[(u64, Instant); 1]>,
}

/// One message of a batch.
#[derive(Debug, Clone, Copy, Default)]
struct Sent {
    /// Index of the byte behind it.
    end: usize,
    /// How many bytes the metrics are told of, it and those before it.
    told: usize,
}

/// A message as it goes out.
pub(crate) struct Piece {
    pub(crate) bytes: Bytes,
    /// How many bytes the metrics are told of: not those of an HTTP chunk around it.
    pub(crate) told: usize,
}

/// A batch that is being put together.
#[derive(Debug)]
pub(crate) struct BatchDraft {
    pieces: SmallVec<[Bytes; 8]>,
    batch: Batch,
}

/// A batch has so many messages at most, of which a few words each are kept beside the bytes. Fewer and
/// a crowd that joins a room, each told of all others, would be quicker than who tells them.
pub(crate) const MESSAGES: usize = 1024;

/// Bytes of small messages that a body leaves in actix's write buffer before actix is to write. By itself actix
/// asks for more until it has 32 KiB, or nothing is left; its buffer stays as large as it once was, and a
/// page of it that was never written to takes no memory.
pub(crate) const PIECE: usize = 4 << 10;

impl BatchDraft {
    /// The first message will be the one at `from`.
    pub(crate) fn new(from: u64) -> Self {
        let batch = Batch {
            bytes: Bytes::new(),
            from,
            messages: SmallVec::new(),
            except: SmallVec::new(),
            measured: SmallVec::new(),
        };
        Self { pieces: SmallVec::new(), batch }
    }

    /// How many messages there are.
    pub(crate) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Bytes of all of them.
    pub(crate) fn size(&self) -> usize {
        self.batch.before(self.len()).end
    }

    pub(crate) fn push(&mut self, piece: Piece, except: Option<ClientId>, at: Instant) {
        let Piece { bytes, told } = piece;
        let before = self.batch.before(self.len());
        let (end, told) = (before.end + bytes.len(), before.told + told);
        let offset = self.batch.next();
        if latency::is_measured(offset) {
            self.batch.measured.push((offset, at));
        }
        self.batch.except.extend(except.map(|client| (offset, client)));
        self.batch.messages.push(Sent { end, told });
        self.pieces.push(bytes);
    }

    pub(crate) fn finish(self) -> Batch {
        let size = self.size();
        let Self { mut pieces, batch } = self;
        // One message goes out as it was encoded; several are copied once for all sockets, which a
        // gathering write would do for each.
        let bytes = if pieces.len() == 1 {
            pieces.remove(0)
        } else {
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
    /// Bytes and tally in front of the message of this index.
    fn before(&self, index: usize) -> Sent {
        index.checked_sub(1).map_or_else(Sent::default, |last| self.messages[last])
    }

    /// The index of the message at `offset`, which is in the batch or behind it.
    fn index(&self, offset: u64) -> usize {
        let index = usize::try_from(offset.saturating_sub(self.from)).unwrap_or(usize::MAX);
        index.min(self.messages.len())
    }

    /// Offset of the message behind the last one.
    pub(crate) fn next(&self) -> u64 {
        self.from + self.messages.len() as u64
    }

    /// True if the message at `offset` is one of them.
    pub(crate) fn has(&self, offset: u64) -> bool {
        (self.from..self.next()).contains(&offset)
    }
}

/// Messages of a batch, from one on up to another. Borrowed it is for who sends it at once, and else
/// it holds the batch.
#[derive(Debug, Clone, Copy)]
pub struct Part<B = Arc<Batch>> {
    batch: B,
    first: usize,
    /// Behind the last.
    end: usize,
}

impl<B: Deref<Target = Batch>> Part<B> {
    /// The part from the message at `offset` on; `None` if that is not in the batch.
    pub(crate) fn new(batch: B, offset: u64) -> Option<Self> {
        let (first, end) = (batch.index(offset), batch.messages.len());
        batch.has(offset).then_some(Self { batch, first, end })
    }

    /// Without what stands at `offset` and behind it.
    pub(crate) fn up_to(mut self, offset: u64) -> Self {
        self.end = self.batch.index(offset).clamp(self.first, self.end);
        self
    }

    /// Without the first message that is not for this client, and what stands behind it.
    pub(crate) fn up_to_exception(self, client: Option<ClientId>) -> Self {
        let first = self.offset();
        let except = self.batch.except.iter();
        let mut theirs = except.filter(|(offset, not)| *offset >= first && Some(*not) == client);
        match theirs.next() {
            Some(&(offset, _)) => self.up_to(offset),
            None => self,
        }
    }

    /// True if all of it is for this client.
    pub(crate) fn is_for(&self, client: Option<ClientId>) -> bool {
        client.is_none_or(|client| self.batch.except.iter().all(|(_, except)| *except != client))
    }

    /// Offset of the first message.
    pub(crate) fn offset(&self) -> u64 {
        self.batch.from + self.first as u64
    }

    /// Offset of the message behind the last one.
    pub(crate) fn next(&self) -> u64 {
        self.batch.from + self.end as u64
    }

    pub(crate) fn messages(&self) -> u64 {
        (self.end - self.first) as u64
    }

    /// How many bytes the metrics are told of.
    pub(crate) fn told(&self) -> u64 {
        (self.batch.before(self.end).told - self.batch.before(self.first).told) as u64
    }

    pub(crate) fn bytes(&self) -> Bytes {
        let (before, all) = (self.batch.before(self.first), self.batch.before(self.end));
        self.batch.bytes.slice(before.end..all.end)
    }

    /// The offsets of those that are measured, and when they were broadcast.
    pub(crate) fn measured(&self) -> impl Iterator<Item = (u64, Instant)> {
        let offsets = self.offset()..self.next();
        self.batch.measured.iter().copied().filter(move |(offset, _)| offsets.contains(offset))
    }
}

impl Part {
    /// Takes off what stands before `offset`; `None` if nothing does.
    pub(crate) fn split_before(&mut self, offset: u64) -> Option<Self> {
        let before = self.clone().up_to(offset);
        self.first = before.end;
        (before.messages() > 0).then_some(before)
    }
}

#[cfg(test)]
impl Part {
    /// A batch of these, from this offset on.
    pub(crate) fn of(from: u64, pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let mut draft = BatchDraft::new(from);
        for bytes in pieces {
            let told = bytes.len() - 1;
            draft.push(Piece { bytes, told }, None, Instant::now());
        }
        Self::new(Arc::new(draft.finish()), from).expect("a batch of at least one")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_cut_between_its_messages() {
        let mut rest = Part::of(5, ["a\n", "bcd\n", "e\n", "fg\n"].map(Bytes::from));
        assert!(rest.split_before(5).is_none());
        let before = rest.split_before(7).unwrap();
        assert_eq!((before.offset(), before.next(), before.messages()), (5, 7, 2));
        assert_eq!((&before.bytes()[..], before.told()), (&b"a\nbcd\n"[..], 4));
        assert_eq!((rest.offset(), rest.next(), rest.messages()), (7, 9, 2));
        assert_eq!((&rest.bytes()[..], rest.told()), (&b"e\nfg\n"[..], 3));
        assert_eq!(rest.clone().up_to(8).bytes(), "e\n");
        // All of it, and what is not in it.
        assert_eq!(rest.clone().up_to(100).bytes(), "e\nfg\n");
        assert_eq!(rest.up_to(3).messages(), 0);
    }
}
