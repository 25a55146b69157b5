//! One log behind a lock that is only ever held for a few instructions, and the readers that wait on it.
//!
//! Appending and parking happen under the same lock, so a reader either sees the new entry or has
//! its waker seen by the publisher: no wake is lost. No waker is cloned, woken or dropped under the
//! lock, nor is an entry dropped there: both may run code that calls into the set. `tests/loom`
//! compiles this file over loom's primitives and checks it.

use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use slab::Slab;

use super::asides::Asides;
use super::ring::{Limits, Log, Read, Window};
use crate::sync::{Arc, Mutex, lock};
use crate::wakers::wake_all;

#[derive(Debug)]
pub(crate) struct Shared<E> {
    state: Mutex<State<E>>,
}

#[derive(Debug)]
struct State<E> {
    log: Log<E>,
    /// Once there was one.
    asides: Option<Box<Asides<E>>>,
    /// Wakers of the readers that are caught up.
    parked: Slab<Waker>,
    /// How often all that were parked have been taken to be woken, and one.
    rounds: NonZeroU64,
    closed: bool,
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
    fn aside(&self, cursor: u64, seen: &mut u16) -> Option<E>
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
    fn parked_as(&mut self, ticket: Option<Ticket>) -> Option<&mut Waker> {
        let ticket = ticket.filter(|ticket| ticket.round == self.rounds)?;
        self.parked.get_mut(ticket.slot as usize)
    }

    fn unpark(&mut self, ticket: Option<Ticket>) -> Option<Waker> {
        let ticket = ticket.filter(|ticket| ticket.round == self.rounds)?;
        self.parked.try_remove(ticket.slot as usize)
    }

    fn park(&mut self, waker: Waker) -> Ticket {
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
struct Ticket {
    round: NonZeroU64,
    /// There are fewer readers than numbers.
    slot: u32,
}

fn ticket(round: Option<NonZeroU64>, slot: u32) -> Option<Ticket> {
    round.map(|round| Ticket { round, slot })
}

/// By what a reader holds its log.
pub(crate) trait Holds<E> {
    fn shared(&self) -> &Shared<E>;
}

impl<E> Holds<E> for Arc<Shared<E>> {
    fn shared(&self) -> &Shared<E> {
        self
    }
}

/// A cursor into the log. In few bytes: every reader of a set has one.
#[derive(Debug)]
pub(crate) struct Reader<E, H: Holds<E> = Arc<Shared<E>>> {
    log: H,
    cursor: u64,
    /// The parts of its [`Ticket`], which would be larger as a whole.
    round: Option<NonZeroU64>,
    slot: u32,
    /// Entries that stood behind the cursor when one was last read. A reader that is at the end will park
    /// next. [`UNKNOWN`] if it was asked for more since.
    ahead: u16,
    /// Up to which of the asides it has seen, or came too late.
    seen: u16,
    entries: PhantomData<fn() -> E>,
}

/// In place of how many entries are ahead.
const UNKNOWN: u16 = u16::MAX;

/// What a reader finds, when it finds something.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<E> {
    /// The entry with this offset; the cursor stands behind it now.
    Entry(u64, E),
    /// One that has no offset; the cursor stays.
    Aside(E),
    /// The cursor has fallen out; it stays there until [`Reader::skip_to`].
    Lagged(Window),
    /// Nobody can read what stands at the cursor; it stays there until [`Reader::skip_to`].
    Unreadable(Window),
    /// The set is gone and everything was read.
    Closed,
}

impl<E: Clone, H: Holds<E>> Reader<E, H> {
    /// Begins at `cursor`, the offset of the first entry wanted.
    pub(crate) fn new(log: H, cursor: u64) -> Self {
        Self { log, cursor, round: None, slot: 0, ahead: UNKNOWN, seen: 0, entries: PhantomData }
    }

    pub(crate) fn log(&self) -> &H {
        &self.log
    }

    /// From here on it is given the asides too; where the log ends now.
    pub(crate) fn is_there(&mut self) -> u64 {
        let state = lock(&self.log.shared().state);
        self.seen = state.asides.as_ref().map_or(0, |asides| asides.count());
        state.log.window().next
    }

    /// Up to which of the asides it has seen.
    pub(crate) fn seen(&self) -> u16 {
        self.seen
    }

    /// Another reader, in whose place this one is, has seen them up to there.
    pub(crate) fn has_seen(&mut self, seen: u16) {
        self.seen = seen;
    }

    /// The aside that was just read is read again.
    pub(crate) fn unsee(&mut self) {
        self.seen = self.seen.wrapping_sub(1);
    }

    /// Before which entry an aside stands that is not seen.
    pub(crate) fn fence(&self) -> u64 {
        let state = lock(&self.log.shared().state);
        state.asides.as_ref().map_or(u64::MAX, |asides| asides.fence(self.cursor, self.seen))
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next<E>> {
        // Cloned ahead where it will be needed, or else when it is.
        let at_end = std::mem::replace(&mut self.ahead, UNKNOWN) == 0;
        let mut fresh = at_end.then(|| cx.waker().clone());
        loop {
            let mut state = lock(&self.log.shared().state);
            if let Some(aside) = state.aside(self.cursor, &mut self.seen) {
                return Poll::Ready(Next::Aside(aside));
            }
            match state.log.read(self.cursor) {
                Read::Entry(entry) => {
                    let end = state.log.window().next;
                    drop(state);
                    return Poll::Ready(Next::Entry(self.step(end), entry));
                }
                Read::Lagged(kept) => return Poll::Ready(Next::Lagged(kept)),
                Read::Unreadable(kept) => return Poll::Ready(Next::Unreadable(kept)),
                Read::CaughtUp if state.closed => return Poll::Ready(Next::Closed),
                Read::CaughtUp => {}
            }
            let parked = state.parked_as(ticket(self.round, self.slot));
            if parked.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            // The clone is made without the lock, so something may have come: look again.
            let Some(waker) = fresh.take() else {
                drop(state);
                fresh = Some(cx.waker().clone());
                continue;
            };
            let outdated = match parked {
                Some(parked) => Some(std::mem::replace(parked, waker)),
                None => {
                    let Ticket { round, slot } = state.park(waker);
                    (self.round, self.slot) = (Some(round), slot);
                    None
                }
            };
            drop(state);
            drop(outdated);
            return Poll::Pending;
        }
    }

    /// What there is now. Where there is nothing, something else must watch the log for the reader:
    /// it does not wait, and is not woken for having waited before.
    pub(crate) fn read(&mut self) -> Option<Next<E>> {
        let mut state = lock(&self.log.shared().state);
        if let Some(aside) = state.aside(self.cursor, &mut self.seen) {
            return Some(Next::Aside(aside));
        }
        let next = match state.log.read(self.cursor) {
            Read::Entry(entry) => {
                let end = state.log.window().next;
                drop(state);
                return Some(Next::Entry(self.step(end), entry));
            }
            Read::Lagged(kept) => Some(Next::Lagged(kept)),
            Read::Unreadable(kept) => Some(Next::Unreadable(kept)),
            Read::CaughtUp if state.closed => Some(Next::Closed),
            Read::CaughtUp => None,
        };
        let waker = state.unpark(ticket(self.round.take(), self.slot));
        drop(state);
        drop(waker);
        next
    }

    /// Goes by the entry at the cursor, whose offset this is, in a log that ends at `end`.
    fn step(&mut self, end: u64) -> u64 {
        let offset = self.cursor;
        self.cursor += 1;
        self.ahead = u16::try_from(end - self.cursor).unwrap_or(UNKNOWN - 1);
        offset
    }

    /// Offset of the entry that is read next.
    pub(crate) fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Whether there were entries behind the one that was just read.
    pub(crate) fn is_behind(&self) -> bool {
        (1..UNKNOWN).contains(&self.ahead)
    }

    /// What stands at `offset` and behind it now, so many entries at most, as long as they fit: that is
    /// asked under the lock.
    pub(crate) fn entries(
        &self,
        offset: u64,
        count: usize,
        fits: impl FnMut(&&E) -> bool,
    ) -> Vec<E> {
        lock(&self.log.shared().state).log.entries(offset, count, fits)
    }

    /// Goes on at `cursor`, which is ahead, and tells how many entries are left out.
    pub(crate) fn skip_to(&mut self, cursor: u64) -> u64 {
        let skipped = cursor - std::mem::replace(&mut self.cursor, cursor);
        if self.ahead != UNKNOWN {
            self.ahead = self.ahead.saturating_sub(skipped.try_into().unwrap_or(UNKNOWN));
        }
        skipped
    }
}

impl<E, H: Holds<E>> Drop for Reader<E, H> {
    fn drop(&mut self) {
        if self.round.is_none() {
            return;
        }
        let mut state = lock(&self.log.shared().state);
        let waker = state.unpark(ticket(self.round, self.slot));
        drop(state);
        drop(waker);
    }
}
