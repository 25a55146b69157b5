//! One log behind a lock that is only ever held for a few instructions, and the wakers of the readers that wait on it.
//!
//! Appending and parking happen under the same lock, so a reader either sees the new entry or has
//! its waker seen by the publisher: no wake is lost. No waker is cloned, woken or dropped under the
//! lock, nor is an entry dropped there: both may run code that calls into the set. `tests/loom`
//! compiles this file over loom's primitives and checks it.

use std::num::NonZeroU64;
use std::task::Waker;
use std::time::Duration;

use slab::Slab;

use super::asides::Asides;
use super::ring::{Limits, Log};
use super::window::Window;
use crate::sync::{Arc, Mutex, lock};
use crate::wakers::wake_all;

#[derive(Debug)]
pub(crate) struct Shared<E> {
    pub(super) state: Mutex<State<E>>,
}

#[derive(Debug)]
pub(super) struct State<E> {
    pub(super) log: Log<E>,
    /// Once there was one.
    pub(super) asides: Option<Box<Asides<E>>>,
    /// Wakers of the readers that are caught up.
    parked: Slab<Waker>,
    /// How often all that were parked have been taken to be woken, and one.
    rounds: NonZeroU64,
    pub(super) closed: bool,
}

impl<E: Clone> Shared<E> {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        let log = Log::new(limits);
        let state = State {
            log,
            asides: None,
            parked: Slab::new(),
            rounds: NonZeroU64::MIN,
            closed: false,
        };
        Arc::new(Self { state: Mutex::new(state) })
    }

    /// Appends what `finish` makes of the offset, then wakes. `finish` and `now` run under the lock,
    /// so that entries are in the order of their offsets and of their times.
    pub(crate) fn append(
        &self,
        now: impl FnOnce() -> Duration,
        finish: impl FnOnce(u64) -> (E, usize),
    ) -> u64 {
        let (offset, round) = self.push(now, finish);
        drop(round);
        offset
    }

    /// Appends as [`Shared::append`] does and wakes nobody yet: for callers with a lock of their own,
    /// who let go of it before they drop the round.
    pub(crate) fn push(
        &self,
        now: impl FnOnce() -> Duration,
        finish: impl FnOnce(u64) -> (E, usize),
    ) -> (u64, Round<E>) {
        let mut state = lock(&self.state);
        let offset = state.log.window().next;
        let (entry, size) = finish(offset);
        let gone = state.log.append(entry, size, now());
        let parked = state.take_parked();
        (offset, Round { parked, gone })
    }

    /// Appends what nobody can read; wakes when the round is dropped.
    pub(crate) fn push_unreadable(&self, now: impl FnOnce() -> Duration) -> Round<E> {
        let mut state = lock(&self.state);
        let gone = state.log.append_unreadable(now());
        let parked = state.take_parked();
        Round { parked, gone }
    }

    /// Goes on at `next`, which is ahead, without what is kept; wakes when the round is dropped. What stands
    /// beside the log stays where it is: readers that are there get it before they find the gap.
    pub(crate) fn skip_to(&self, next: u64) -> Round<E> {
        let mut state = lock(&self.state);
        let gone = state.log.skip_to(next);
        let parked = state.take_parked();
        Round { parked, gone }
    }

    /// Adds an entry that has no offset, for the readers that are there, then wakes.
    pub(crate) fn push_aside(&self, now: impl FnOnce() -> Duration, entry: E, size: usize) {
        let mut state = lock(&self.state);
        let before = state.log.window().next;
        let asides = state.asides.get_or_insert_default();
        let gone = asides.push(entry, size, before, now());
        let parked = state.take_parked();
        drop(state);
        drop(Round { parked, gone });
    }

    /// Wakes the readers that are caught up, though there is no entry: something else is to be seen.
    pub(crate) fn rouse(&self) {
        let parked = lock(&self.state).take_parked();
        wake(parked);
    }

    /// Nothing more will come: readers end once they have read what is there.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let parked = state.take_parked();
        drop(state);
        wake(parked);
    }

    /// When the newest entry came, as time since the log began.
    pub(crate) fn newest_at(&self) -> Duration {
        lock(&self.state).log.newest_at()
    }

    /// Sum of the sizes of what is kept.
    pub(crate) fn bytes(&self) -> usize {
        let state = lock(&self.state);
        state.log.bytes() + state.asides.as_ref().map_or(0, |asides| asides.bytes())
    }

    /// The entry at `offset` takes so many bytes more: others may no longer fit.
    pub(crate) fn grow(&self, offset: u64, bytes: usize) {
        let gone = lock(&self.state).log.grow(offset, bytes);
        drop(gone);
    }

    /// Lets go of the oldest until so many bytes are left, or the newest alone; whether there were any.
    pub(crate) fn trim_to(&self, bytes: usize) -> bool {
        let mut state = lock(&self.state);
        let mut gone = state.asides.as_mut().map_or_else(Vec::new, |asides| asides.take());
        gone.extend(state.log.trim_to(bytes));
        drop(state);
        !gone.is_empty()
    }

    /// Takes out everything that is kept, to be dropped where nothing is locked.
    pub(crate) fn take(&self) -> Vec<E> {
        let mut state = lock(&self.state);
        let mut gone = state.asides.as_mut().map_or_else(Vec::new, |asides| asides.take());
        gone.extend(state.log.take());
        gone
    }

    /// Sum of the sizes of what is kept from `cursor` on.
    pub(crate) fn bytes_from(&self, cursor: u64) -> u64 {
        lock(&self.state).log.bytes_from(cursor)
    }

    /// The entry at `offset`, if it is kept.
    pub(crate) fn entry(&self, offset: u64) -> Option<E> {
        lock(&self.state).log.entries(offset, 1, |_| true).pop()
    }

    /// Entries that are kept and not too old.
    pub(crate) fn window(&self, now: Duration) -> Window {
        self.expired(now, Log::window)
    }

    /// Entries of these that a reader may come back for.
    pub(crate) fn history(&self, now: Duration) -> Window {
        self.expired(now, Log::history)
    }

    /// Looks at the log without what is too old.
    fn expired<R>(&self, now: Duration, look: impl FnOnce(&Log<E>) -> R) -> R {
        let mut state = lock(&self.state);
        let gone = state.log.expire(now);
        let seen = look(&state.log);
        drop(state);
        drop(gone);
        seen
    }

    /// Whether the entry at `cursor` is halfway to being evicted.
    pub(crate) fn is_pressed(&self, cursor: u64, now: Duration) -> bool {
        lock(&self.state).log.is_pressed(cursor, now)
    }

    /// When a reader that falls behind has a moment to catch up again; see [`Log::calm_at`].
    pub(crate) fn calm_at(&self, now: Duration) -> Option<Duration> {
        lock(&self.state).log.calm_at(now)
    }

    /// Where the log ends, and how many readers wait there.
    pub(crate) fn parked(&self) -> (u64, usize) {
        let state = lock(&self.state);
        (state.log.window().next, state.parked.len())
    }
}

impl<E> State<E> {
    /// What a reader that reads the entry at `cursor` next is given before.
    pub(super) fn aside(&self, cursor: u64, seen: &mut u16) -> Option<E>
    where
        E: Clone,
    {
        self.asides.as_ref()?.next(cursor, seen)
    }

    fn take_parked(&mut self) -> Slab<Waker> {
        self.rounds = self.rounds.saturating_add(1);
        // Most will park again.
        let again = Slab::with_capacity(self.parked.len());
        std::mem::replace(&mut self.parked, again)
    }

    /// The waker that was parked as `ticket`, unless it was taken to be woken.
    pub(super) fn parked_as(&mut self, ticket: Option<Ticket>) -> Option<&mut Waker> {
        let ticket = ticket.filter(|ticket| ticket.round == self.rounds)?;
        self.parked.get_mut(ticket.slot as usize)
    }

    pub(super) fn unpark(&mut self, ticket: Option<Ticket>) -> Option<Waker> {
        let ticket = ticket.filter(|ticket| ticket.round == self.rounds)?;
        self.parked.try_remove(ticket.slot as usize)
    }

    pub(super) fn park(&mut self, waker: Waker) -> Ticket {
        Ticket { round: self.rounds, slot: self.parked.insert(waker) as u32 }
    }
}

fn wake(parked: Slab<Waker>) {
    wake_all(parked.into_iter().map(|(_, waker)| waker));
}

/// What an append leaves to do where nothing is locked: when dropped it wakes the readers, then frees
/// what fell out.
#[must_use = "readers are woken when this is dropped: not while the caller holds a lock"]
pub(crate) struct Round<E> {
    parked: Slab<Waker>,
    /// Freed behind the wakes.
    #[expect(dead_code, reason = "held for its drop")]
    gone: Vec<E>,
}

impl<E> Drop for Round<E> {
    fn drop(&mut self) {
        wake(std::mem::take(&mut self.parked));
    }
}

/// Where a reader's waker is, as long as nobody took the round's wakers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    pub(super) round: NonZeroU64,
    /// There are fewer readers than numbers.
    pub(super) slot: u32,
}
