//! Where the entries of a set's log stand in its order: who numbers them, and where a reader goes on.

use std::time::Duration;

use tokio::time::Instant;

use super::client::Client;
use super::core::Core;
use super::delivery::Reset;
use super::on_lag::ResetReason;
use super::store::Stored;
use crate::log::{Epoch, Gap, LastEventId, Position, Window};

/// Who numbers the entries, since when. Sets in memory pay nothing for the others: which of them it is has its
/// place in the nanoseconds.
pub(super) enum Order<T> {
    /// The ring itself, in an epoch of its own.
    Own { epoch: Epoch, started: Instant },
    /// A store.
    Stored(Box<Stored<T>>),
}

impl<T> Order<T> {
    /// That of a log in memory, which begins now.
    pub(super) fn own() -> Self {
        Self::Own { epoch: Epoch::random(), started: Instant::now() }
    }
}

/// How a reader begins.
#[derive(Clone, Copy)]
pub(super) struct Start {
    /// The reader's position until it is told otherwise.
    pub(super) position: Position,
    /// Where the set stands.
    pub(super) head: Position,
    pub(super) reset: Option<Reset>,
    /// Whether it was given its last message before.
    pub(super) is_over: bool,
}

impl Start {
    /// There, with nothing to tell.
    pub(super) fn at(position: Position) -> Self {
        Self { position, head: position, reset: None, is_over: false }
    }
}

impl<T> Core<T> {
    /// What it is beside its memory.
    pub(super) fn stored(&self) -> Option<&Stored<T>> {
        match &self.order {
            Order::Own { .. } => None,
            Order::Stored(stored) => Some(stored),
        }
    }

    /// Time since the log began.
    pub(super) fn now(&self) -> Duration {
        self.started().elapsed()
    }

    pub(super) fn started(&self) -> Instant {
        match &self.order {
            Order::Own { started, .. } => *started,
            Order::Stored(stored) => stored.started(),
        }
    }

    /// The position of a reader whose next message is `cursor`.
    pub(super) fn position_before(&self, cursor: u64) -> Position {
        // Offsets begin at 1, so a cursor is never 0.
        match &self.order {
            Order::Own { epoch, .. } => Position::new(*epoch, cursor - 1),
            Order::Stored(stored) => stored.position_before(cursor),
        }
    }

    /// Where in the log a message of this position is, if it is one of this set's.
    pub(super) fn index_of(&self, position: Position) -> Option<u64> {
        match &self.order {
            Order::Own { epoch, .. } => (position.epoch() == *epoch).then(|| position.offset()),
            Order::Stored(stored) => stored.index_of(position),
        }
    }

    /// Whether the place is one of this set's order, whatever has become of it.
    fn knows(&self, place: &Position) -> bool {
        match &self.order {
            Order::Own { epoch, .. } => place.epoch() == *epoch,
            Order::Stored(stored) => stored.knows(place.epoch()),
        }
    }

    /// Whether the store has forgotten what a reader at `cursor` has seen.
    pub(super) fn has_forgotten(&self, cursor: u64) -> bool {
        self.stored().is_some_and(|stored| stored.has_forgotten(cursor))
    }

    /// Whether it is known where the log stands: of a store it has to be asked.
    pub(super) fn is_open(&self) -> bool {
        self.stored().is_none_or(|stored| stored.opened(|_| ()).is_some())
    }

    /// Whether a reader that comes with this has to wait: what it has seen is not known here, and may be newer than
    /// what is.
    pub(super) fn may_be_ahead(&self, last: LastEventId) -> bool {
        let kept = self.history();
        let is_foreign = |place: &Position| self.resume(*place, kept) == Err(Reset::FOREIGN);
        self.stored().is_some_and(|stored| stored.is_shared())
            && last.places().iter().any(|place| *place != Position::FOREIGN)
            && last.places().iter().all(is_foreign)
    }

    /// In place of the cursor of a reader that waits until it is known where the log stands, and what it comes with has
    /// been looked for.
    pub(super) fn cursor_to_open(&self, last: LastEventId) -> u64 {
        let look = self.stored().filter(|stored| last.len() > 0 && stored.is_shared());
        Client::<T>::NOWHERE - look.map_or(0, |stored| stored.ask())
    }

    /// Whether that is so.
    pub(super) fn has_opened(&self, cursor: u64) -> bool {
        let look = Client::<T>::NOWHERE - cursor;
        self.is_open() && self.stored().is_none_or(|stored| stored.has_looked(look))
    }

    /// The cursor of who follows from now on, or has since before the log was open.
    pub(super) fn first_cursor(&self) -> u64 {
        let first = self.stored().and_then(|stored| stored.opened(|opened| opened.first_head));
        first.unwrap_or_else(|| self.window().next)
    }

    /// Where a reader that comes with `last` goes on, and the cursor there.
    pub(super) fn begin(&self, last: LastEventId) -> (u64, Start) {
        let kept = self.history();
        let start = Start::at(self.position_before(kept.next));
        // Of several places that of this set, if there is one.
        let own = last.places().iter().find(|place| self.knows(place)).copied();
        let Some(position) = own.or(last.position()) else { return (kept.next, start) };
        match self.resume(position, kept) {
            Ok(cursor) => (cursor, Start { position, ..start }),
            Err(reset) => (kept.next, Start { position, reset: Some(reset), ..start }),
        }
    }

    /// The cursor behind `last`, or why there is none.
    fn resume(&self, last: Position, kept: Window) -> Result<u64, Reset> {
        let cursor = match &self.order {
            Order::Own { epoch, .. } if last.epoch() != *epoch => Err(Gap::Unknown),
            Order::Own { .. } => kept.behind(last.offset()),
            Order::Stored(stored) => stored.resume(last, kept),
        };
        cursor.map_err(|gap| match gap {
            Gap::Expired { missed } => Reset { reason: ResetReason::Expired, missed: Some(missed) },
            // A position ahead of the set was never given out by this life of it.
            Gap::Unknown => Reset::FOREIGN,
        })
    }
}
