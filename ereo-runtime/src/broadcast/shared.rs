//! One log behind a lock that is only ever held for a few instructions, and the readers that wait on it.
//!
//! Appending and parking happen under the same lock, so a reader either sees the new entry or has
//! its waker seen by the publisher: no wake is lost. `tests/loom` compiles this file over loom's
//! primitives and checks exactly that.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use slab::Slab;

use super::log::{Limits, Log, Read, Window};
use crate::sync::{Arc, Mutex, lock};

#[derive(Debug)]
pub(crate) struct Shared<E> {
    state: Mutex<State<E>>,
}

#[derive(Debug)]
struct State<E> {
    log: Log<E>,
    /// One slot a reader: its waker while it is caught up and waits.
    readers: Slab<Option<Waker>>,
    closed: bool,
}

impl<E: Clone> Shared<E> {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        let state = State { log: Log::new(limits), readers: Slab::new(), closed: false };
        Arc::new(Self { state: Mutex::new(state) })
    }

    /// Appends what `finish` makes of the offset, a few instructions under the lock, then wakes.
    pub(crate) fn append(&self, now: Duration, finish: impl FnOnce(u64) -> (E, usize)) -> u64 {
        let mut state = lock(&self.state);
        let offset = state.log.next();
        let (entry, size) = finish(offset);
        let gone = state.log.append(entry, size, now);
        let parked = state.take_parked();
        drop(state);
        wake(parked);
        // An entry's own `drop` may call into the set: never under its lock.
        drop(gone);
        offset
    }

    /// Nothing more will come: readers end once they have read what is there.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let parked = state.take_parked();
        drop(state);
        wake(parked);
    }

    /// What is kept and not too old.
    pub(crate) fn window(&self, now: Duration) -> Window {
        let mut state = lock(&self.state);
        let gone = state.log.expire(now);
        let window = state.log.window();
        drop(state);
        drop(gone);
        window
    }
}

impl<E> State<E> {
    fn take_parked(&mut self) -> Vec<Waker> {
        self.readers.iter_mut().filter_map(|(_, waker)| waker.take()).collect()
    }
}

fn wake(parked: Vec<Waker>) {
    for waker in parked {
        waker.wake();
    }
}

/// A cursor into the log; it counts as a reader until it is dropped.
#[derive(Debug)]
pub(crate) struct Reader<E> {
    shared: Arc<Shared<E>>,
    slot: usize,
    cursor: u64,
}

/// What a reader finds, when it finds something.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<E> {
    /// The entry with this offset; the cursor stands behind it now.
    Entry(u64, E),
    /// The cursor has fallen out; it stays there until [`Reader::skip_to`].
    Lagged(Window),
    /// The set is gone and everything was read.
    Closed,
}

impl<E: Clone> Reader<E> {
    /// Joins at `cursor`, the offset of the first entry wanted.
    pub(crate) fn new(shared: Arc<Shared<E>>, cursor: u64) -> Self {
        let slot = lock(&shared.state).readers.insert(None);
        Self { shared, slot, cursor }
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next<E>> {
        let mut state = lock(&self.shared.state);
        match state.log.read(self.cursor) {
            Read::Entry(entry) => {
                let offset = self.cursor;
                self.cursor += 1;
                Poll::Ready(Next::Entry(offset, entry))
            }
            Read::Lagged(kept) => Poll::Ready(Next::Lagged(kept)),
            Read::CaughtUp if state.closed => Poll::Ready(Next::Closed),
            Read::CaughtUp => {
                match &mut state.readers[self.slot] {
                    Some(waker) => waker.clone_from(cx.waker()),
                    free => *free = Some(cx.waker().clone()),
                }
                Poll::Pending
            }
        }
    }

    /// Offset of the entry that is read next.
    pub(crate) fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Goes on at `cursor`, which is ahead, and tells how many entries are left out.
    pub(crate) fn skip_to(&mut self, cursor: u64) -> u64 {
        cursor - std::mem::replace(&mut self.cursor, cursor)
    }
}

impl<E> Drop for Reader<E> {
    fn drop(&mut self) {
        // The waker is dropped after the lock is released: dropping one may run foreign code.
        let _waker = lock(&self.shared.state).readers.try_remove(self.slot);
    }
}
