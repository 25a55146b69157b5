//! A relay's place in the log, and its next batch.

use std::task::{Poll, Waker};

use super::group::{RelayGroup, Sender};
use super::{Channel, ChannelReader};
use crate::log::Next;
use crate::wire::{Batch, BatchDraft, Format, MESSAGES};

/// Bytes of a batch, but for a last message that is larger by itself.
const BYTES: usize = 64 << 10;

/// Where a relay is in the log. Behind a lock, for a publisher of the relay's own thread sends in its place
/// before the log evicts what is not sent yet: the publisher's turn would have to end for the relay's to
/// begin.
#[derive(Debug)]
pub(super) struct Feed {
    /// Offset of the first message that is in no batch yet.
    pub(super) cursor: u64,
    /// Up to which of the asides each member has seen.
    seen: u16,
    /// The batch that is on its way to the members.
    pub(super) in_flight: Option<Box<InFlight>>,
}

/// A batch on its way to all members.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) batch: Batch,
    /// The member that is next.
    pub(super) member: u32,
    /// The tasks that are to be woken once the lock is let go of: empty, but for its room.
    pub(super) woken: Vec<Waker>,
}

impl InFlight {
    fn new(batch: Batch) -> Box<Self> {
        Box::new(Self { batch, member: 0, woken: Vec::new() })
    }
}

/// What the log has for a relay group.
pub(super) enum Found {
    /// A batch, which is in flight now.
    Batch,
    Nothing,
    /// The members must see for themselves.
    Trouble,
    Closed,
}

impl Feed {
    pub(super) fn new(cursor: u64, seen: u16) -> Self {
        Self { cursor, seen, in_flight: None }
    }

    /// Reads the next batch with `reader`, which stands at the feed's cursor, by `read`.
    pub(super) fn find<C: Channel>(
        &mut self,
        reader: &mut ChannelReader<C>,
        format: Format,
        mut read: impl FnMut(&mut ChannelReader<C>) -> Poll<Next<C::Entry>>,
    ) -> Found {
        let mut draft = BatchDraft::new(reader.cursor());
        reader.has_seen(self.seen);
        let found = loop {
            match read(reader) {
                Poll::Ready(Next::Entry(offset, entry)) => {
                    match reader.log().piece(format, offset, &entry) {
                        Some(piece) => {
                            draft.push(piece, C::except(&entry), C::broadcast_at(&entry));
                        }
                        None => break trouble(reader, offset),
                    }
                    if draft.size() >= BYTES || draft.len() >= MESSAGES {
                        break Found::Batch;
                    }
                }
                // It is the members' own to send; what stands before it goes out first.
                Poll::Ready(Next::Aside(_)) if draft.len() > 0 => {
                    reader.unsee();
                    break Found::Batch;
                }
                Poll::Ready(Next::Aside(_)) => break trouble(reader, reader.cursor()),
                Poll::Ready(Next::Lagged(kept) | Next::Unreadable(kept)) => {
                    break trouble(reader, kept.next);
                }
                Poll::Ready(Next::Closed) if draft.len() == 0 => break Found::Closed,
                Poll::Pending if draft.len() == 0 => break Found::Nothing,
                Poll::Ready(Next::Closed) | Poll::Pending => break Found::Batch,
            }
        };
        if let Found::Batch = found {
            self.in_flight = Some(InFlight::new(draft.finish()));
        }
        (self.cursor, self.seen) = (reader.cursor(), reader.seen());
        found
    }

    /// Sends to `group` from the publisher's own turn, until the log is in no hurry.
    pub(super) fn relieve<C: Channel>(&mut self, channel: &C, group: &RelayGroup) {
        loop {
            while let Some(in_flight) = &mut self.in_flight {
                if group.send(in_flight, Sender::Publisher) {
                    self.in_flight = None;
                }
            }
            if !channel.is_pressed(self.cursor) {
                return;
            }
            // It never waits, and so holds no waker of anybody.
            let mut reader = ChannelReader::<C>::new(channel.clone(), self.cursor);
            let read =
                |reader: &mut ChannelReader<C>| reader.read().map_or(Poll::Pending, Poll::Ready);
            match self.find(&mut reader, group.format(), read) {
                Found::Batch => {}
                Found::Trouble => group.hand_back(),
                // The relay itself is woken, and ends.
                Found::Nothing | Found::Closed => return,
            }
        }
    }
}

/// What a member does with its messages from here on is its own matter; the relay goes on where the log
/// ends now, which is where they will come back at the earliest.
fn trouble<C: Channel>(reader: &mut ChannelReader<C>, at: u64) -> Found {
    let end = reader.log().head().max(at);
    reader.skip_to(end.max(reader.cursor()));
    Found::Trouble
}
