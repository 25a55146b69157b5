//! How far a relay has sent, and the next batch.

use std::sync::Arc;
use std::task::Poll;

use super::group::{Roster, Round, Sender};
use crate::broadcast::Entry;
use crate::broadcast::{Core, LogReader};
use crate::log::Next;
use crate::message::Message;
use crate::wire::Wire;
use crate::wire::{BatchDraft, MESSAGES};

/// Bytes of a batch, but for a last message that is larger by itself.
const BYTES: usize = 64 << 10;

/// Where a relay is in the log. Behind a lock, for a publisher of the relay's own thread sends in its place
/// before the log evicts what is not sent yet: the publisher's turn would have to end for the relay's to
/// begin.
#[derive(Debug)]
pub(super) struct Feed {
    /// Offset of the first message that is in no round yet.
    pub(super) cursor: u64,
    /// The batch that is on its way.
    pub(super) round: Option<Box<Round>>,
}

/// What the log has for a roster.
pub(super) enum Found {
    Batch(Box<Round>),
    Nothing,
    /// The members must see for themselves.
    Trouble,
    Closed,
}

impl Feed {
    pub(super) fn new(cursor: u64) -> Self {
        Self { cursor, round: None }
    }

    /// Reads the next batch with `reader`, which stands at the feed's cursor, by `read`.
    pub(super) fn find<T: Message>(
        &mut self,
        reader: &mut LogReader<T>,
        wire: Wire,
        mut read: impl FnMut(&mut LogReader<T>) -> Poll<Next<Arc<Entry<T>>>>,
    ) -> Found {
        let mut draft = BatchDraft::new(reader.cursor());
        let found = loop {
            match read(reader) {
                Poll::Ready(Next::Entry(offset, entry)) => {
                    match reader.log().piece(wire, offset, &entry) {
                        Ok(piece) => draft.push(piece, entry.except(), entry.at),
                        Err(_) => break trouble(reader, offset),
                    }
                    if draft.size() >= BYTES || draft.len() >= MESSAGES {
                        break Found::Batch(Box::new(Round::new(draft.finish())));
                    }
                }
                Poll::Ready(Next::Lagged(kept)) => break trouble(reader, kept.next),
                Poll::Ready(Next::Closed) if draft.len() == 0 => break Found::Closed,
                Poll::Pending if draft.len() == 0 => break Found::Nothing,
                Poll::Ready(Next::Closed) | Poll::Pending => {
                    break Found::Batch(Box::new(Round::new(draft.finish())));
                }
            }
        };
        self.cursor = reader.cursor();
        found
    }

    /// Sends to `roster` from the publisher's own turn, until the log is in no hurry.
    pub(super) fn relieve<T: Message>(&mut self, core: &Arc<Core<T>>, roster: &Roster) {
        loop {
            while let Some(round) = &mut self.round {
                if roster.send(round, Sender::Publisher) {
                    self.round = None;
                }
            }
            if !core.is_pressed(self.cursor) {
                return;
            }
            // It never waits, and so holds no waker of anybody.
            let mut reader = LogReader::new(Arc::clone(core), self.cursor);
            let read = |reader: &mut LogReader<T>| reader.read().map_or(Poll::Pending, Poll::Ready);
            match self.find(&mut reader, roster.wire(), read) {
                Found::Batch(round) => self.round = Some(round),
                Found::Trouble => roster.hand_back(),
                // The relay itself is woken, and ends.
                Found::Nothing | Found::Closed => return,
            }
        }
    }
}

/// What a member does with its messages from here on is its own matter; the relay goes on where the log
/// ends now, which is where they will come back at the earliest.
fn trouble<T: Message>(reader: &mut LogReader<T>, at: u64) -> Found {
    let end = reader.log().window().next.max(at);
    reader.skip_to(end.max(reader.cursor()));
    Found::Trouble
}
