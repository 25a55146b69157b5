//! What the readers of a set are behind by, put together once for all that stand at the same place.
//!
//! Readers that write for themselves, because they are few or have fallen behind, are woken one by one,
//! and each finds the same messages. The first that finds several makes a [`Batch`] of them and leaves it
//! here for the others. Of each format the last one is kept, until as many readers have taken it as
//! there are, or nobody is there any more.

use super::core::{Core, LogReader};
use crate::message::Message;
use crate::sync::{Arc, Mutex, lock};
use crate::wire::{Batch, BatchDraft, Format, MESSAGES, PIECE, Part};

/// A batch is as large as this at most: what a body is to leave in actix's write buffer, and enough that
/// what a message costs by itself is nothing beside its bytes.
const BYTES: usize = PIECE;

#[derive(Default)]
pub(super) struct Batches(Mutex<Vec<Kept>>);

struct Kept {
    wire: Format,
    batch: Arc<Batch>,
    /// How many readers may still come for it.
    readers: usize,
}

impl Batches {
    /// The batch that has the message at `offset`, from there on.
    fn take(&self, wire: Format, offset: u64) -> Option<Part> {
        let mut kept = lock(&self.0);
        let holds = |kept: &Kept| kept.wire == wire && kept.batch.has(offset);
        let at = kept.iter().position(holds)?;
        kept[at].readers -= 1;
        let batch = if kept[at].readers == 0 {
            kept.swap_remove(at).batch
        } else {
            Arc::clone(&kept[at].batch)
        };
        drop(kept);
        Part::new(batch, offset)
    }

    /// Keeps a batch for so many readers, in place of the one before it.
    fn keep(&self, wire: Format, batch: &Arc<Batch>, readers: usize) {
        if readers == 0 {
            return;
        }
        let new = Kept { wire, batch: Arc::clone(batch), readers };
        let mut kept = lock(&self.0);
        let replaced = match kept.iter_mut().find(|kept| kept.wire == wire) {
            Some(kept) => Some(std::mem::replace(kept, new)),
            None => {
                kept.push(new);
                None
            }
        };
        drop(kept);
        drop(replaced);
    }

    /// Nobody will come for what is kept.
    pub(super) fn clear(&self) {
        let kept = std::mem::take(&mut *lock(&self.0));
        drop(kept);
    }
}

impl<T: Message> Core<T> {
    /// The messages from `offset` on, which `reader` has just read: as many as there are, or none if
    /// that is not several.
    pub(super) fn batch(
        self: &Arc<Self>,
        wire: Format,
        offset: u64,
        reader: &LogReader<T>,
    ) -> Option<Part> {
        if let Some(part) = self.batches().take(wire, offset) {
            return Some(part);
        }
        let mut draft = BatchDraft::new(offset);
        let mut left = BYTES;
        let entries = reader.entries(offset, MESSAGES, |entry| {
            let fits = entry.len() <= left;
            left = left.saturating_sub(entry.len());
            fits
        });
        for (offset, entry) in (offset..).zip(entries) {
            // The reader itself is told of what cannot be encoded, once it is there.
            let Ok(piece) = self.piece(wire, offset, &entry) else { break };
            if draft.size() + piece.bytes.len() > BYTES {
                break;
            }
            draft.push(piece, entry.except(), entry.at);
        }
        if draft.len() < 2 {
            return None;
        }
        let batch = Arc::new(draft.finish());
        self.batches().keep(wire, &batch, self.clients.len().saturating_sub(1));
        Part::new(batch, offset)
    }
}
