//! A set's ring as the mirror of its log fills it.

use std::time::Duration;

use super::stored::Opened;
use crate::broadcast::core::Core;
use crate::broadcast::entry::Draft;
use crate::log::{Epoch, Epochs, Position};
use crate::message::{EncodeError, Message};
use crate::sync::Arc;
use crate::wire::ClientName;

/// A message of the store, if it can be read, with its offset there and how long ago it was appended.
pub(super) type Kept<T> = (Option<Draft<T>>, u64, Duration);

impl<T> Core<T> {
    fn opened<R>(&self, look: impl FnOnce(&Opened) -> R) -> Option<R> {
        self.stored().and_then(|stored| stored.opened(look))
    }

    /// Offset in the store of the entry that the ring gets next.
    pub(super) fn next_offset(&self) -> u64 {
        let next = self.window().next;
        self.opened(|opened| next - opened.base).unwrap_or(next)
    }

    /// Offset in the store of the oldest message that somebody may come back for.
    pub(super) fn oldest_offset(&self) -> u64 {
        let oldest = self.history().oldest;
        self.opened(|opened| oldest.saturating_sub(opened.base)).unwrap_or_default()
    }

    /// The cursor of who is to read all that came since the set was made, once that is known.
    pub(super) fn first_young(&self) -> u64 {
        let first = self.opened(|opened| opened.first_young);
        first.unwrap_or_else(|| self.window().next)
    }

    /// The epoch that goes on, once that is known.
    pub(super) fn current_epoch(&self) -> Option<Epoch> {
        self.opened(|opened| opened.epochs.current())
    }

    /// The position of the newest entry.
    pub(super) fn last_position(&self) -> Position {
        self.position_before(self.window().next)
    }

    /// The position's offset, if it is of an epoch that has that.
    pub(super) fn place_of(&self, position: Position) -> Option<u64> {
        let epoch = self.opened(|opened| opened.epochs.of(position.offset()))?;
        (epoch == position.epoch()).then(|| position.offset())
    }

    /// The chain has gone on, and all that the ring has is still in it.
    pub(super) fn learn(&self, epochs: Epochs) {
        if let Some(stored) = self.stored() {
            stored.learn(epochs);
        }
    }

    /// Goes on at this offset of the store: what is before it and not in the ring, readers will miss, and are
    /// told.
    pub(super) fn leave_out(&self, first: u64) {
        if let Some(index) = self.opened(|opened| opened.index(first)) {
            drop(self.log().skip_to(index));
        }
    }
}

impl<T: Message + Clone> Core<T> {
    /// A message of the store's, for the readers that there are.
    pub(super) fn kept_draft(
        &self,
        value: T,
        except: Option<ClientName>,
    ) -> Result<Draft<T>, EncodeError> {
        Draft::from_value(value, except.and_then(ClientName::here), self.formats())
    }

    /// Appends what stands next in the store, and did so long ago.
    pub(super) fn put(self: &Arc<Self>, draft: Draft<T>, position: Position, age: Duration) {
        let at = self.now().saturating_sub(age).max(self.log().newest_at());
        let cost = draft.cost();
        self.log().append(|| at, |_| (draft.at(Some(position)), cost));
        self.settle();
    }

    /// The same of one that is none of the set's type: readers are told of it in its place.
    pub(super) fn put_unreadable(&self, age: Duration) {
        let at = self.now().saturating_sub(age).max(self.log().newest_at());
        drop(self.log().push_unreadable(|| at));
    }

    /// Fills the ring with the newest messages of the store, up to its head. Where the ring has others, which the
    /// store has forgotten, these come behind them, and readers are told.
    pub(super) fn open_log(self: &Arc<Self>, epochs: Epochs, head: u64, kept: Vec<Kept<T>>) {
        let Some(stored) = self.stored() else { return };
        let log = self.log();
        // Dropped where nothing is locked: they wake readers.
        let mut rounds = Vec::with_capacity(kept.len() + 1);
        stored.open(|before| {
            let base = if before.is_some() { self.window().next } else { 0 };
            let first = kept.first().map_or(head + 1, |(_, offset, _)| *offset);
            let set = self.now().saturating_sub(self.settings().limits.age.unwrap_or_default());
            let young = kept.iter().find(|(_, _, age)| *age <= set);
            let first_young = base + young.map_or(head + 1, |(_, offset, _)| *offset);
            let mut at = Duration::ZERO;
            rounds.push(log.skip_to(base + first));
            for (draft, offset, age) in kept {
                at = self.now().saturating_sub(age).max(at);
                let Some(draft) = draft else {
                    rounds.push(log.push_unreadable(|| at));
                    continue;
                };
                let (cost, position) = (draft.cost(), Position::new(epochs.of(offset), offset));
                rounds.push(log.push(|| at, |_| (draft.at(Some(position)), cost)).1);
            }
            Opened { epochs, base, first_head: base + head + 1, first_young }
        });
        drop(rounds);
        // Who waits for this waits there, and was woken by the first round or is by this.
        log.rouse();
        self.settle();
    }
}
