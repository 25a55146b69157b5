//! Readers of a log: each a cursor, which waits where the log ends.

use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::task::{Context, Poll};

use super::ring::Read;
use super::waiters::{Shared, Ticket};
use super::window::Window;
use crate::sync::{Arc, lock};

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
