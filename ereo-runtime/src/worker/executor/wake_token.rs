//! Wakes the futures of an executor, from any thread. `tests/loom` compiles this file over loom's primitives
//! and checks it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use futures_util::task::ArcWake;

use crate::sync::{AtomicBool, AtomicU32, Mutex, Ordering, lock};
use crate::wakers::{WakerSlot, wake_all};

/// Tasks that are to be polled.
#[derive(Default)]
pub(super) struct RunQueue(Mutex<State>);

#[derive(Default)]
struct State {
    /// Each once at most, by its place.
    called: VecDeque<u32>,
    /// The executor's, while it waits.
    task: WakerSlot,
}

impl RunQueue {
    /// The task is to have a turn.
    pub(super) fn rouse(&self) {
        let task = lock(&self.0).task.take();
        wake_all(task);
    }

    /// Moves those that were called to `due`, which is empty; if there are none, `task` is woken for the next.
    pub(super) fn take(&self, due: &mut VecDeque<u32>, task: &Waker) {
        let mut state = lock(&self.0);
        if state.called.is_empty() {
            state.task.set(task);
        } else {
            std::mem::swap(&mut state.called, due);
        }
    }

    fn call(&self, key: u32) {
        let mut state = lock(&self.0);
        state.called.push_back(key);
        let task = state.task.take();
        drop(state);
        wake_all(task);
    }
}

/// A future's entry in the run queue: its waker, or a part of something else that is shared of its connection, which
/// then is the waker.
pub(crate) struct WakeToken {
    queue: Arc<RunQueue>,
    key: AtomicU32,
    /// It is called, and was not polled since; or it has ended, or has not come yet.
    called: AtomicBool,
}

impl WakeToken {
    pub(super) fn new(queue: Arc<RunQueue>) -> Self {
        Self { queue, key: AtomicU32::new(0), called: AtomicBool::new(true) }
    }

    /// The future has this place, and is called already, for the first time.
    pub(super) fn place(&self, key: u32) {
        self.key.store(key, Ordering::Relaxed);
    }

    /// The future is to be polled; without effect before it has come and once it has ended.
    pub(crate) fn call(&self) {
        if !self.called.swap(true, Ordering::AcqRel) {
            self.queue.call(self.key.load(Ordering::Relaxed));
        }
    }

    /// It is polled for all that it was called for: what those who called did before is seen.
    pub(super) fn answer(&self) {
        self.called.swap(false, Ordering::AcqRel);
    }

    /// No call comes through any more.
    pub(super) fn end(&self) {
        self.called.store(true, Ordering::Relaxed);
    }
}

impl ArcWake for WakeToken {
    fn wake_by_ref(call: &Arc<Self>) {
        call.call();
    }
}

impl AsRef<Self> for WakeToken {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Debug for WakeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WakeToken").field("called", &self.called).finish_non_exhaustive()
    }
}
