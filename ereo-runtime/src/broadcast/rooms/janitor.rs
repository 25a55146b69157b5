//! The task that frees rooms when their time is over, whether further ones are asked for or not.

use std::sync::Weak;

use tokio::runtime::Handle;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use super::Rooms;
use crate::sync::{Arc, lock};

/// Whether a task looks after the rooms: one at a time, on the runtime of whoever needed it.
#[derive(Debug, Default)]
pub(super) struct Janitor {
    /// Which one it is.
    running: Option<u64>,
    /// How many there were.
    started: u64,
    /// One has panicked: at a message's own `drop`, or because its runtime has no timers. Whoever asks for
    /// rooms does its work from then on.
    failed: bool,
}

impl Janitor {
    fn start(&mut self) -> u64 {
        self.started += 1;
        self.running = Some(self.started);
        self.started
    }
}

impl<T: Send + Sync + 'static> Rooms<T> {
    /// Sees to it that the rooms are looked after, where that is possible.
    pub(super) fn tend(self: &Arc<Self>) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut inner = lock(&self.inner);
        if inner.janitor.running.is_some() || inner.janitor.failed {
            return;
        }
        let id = inner.janitor.start();
        drop(inner);
        // Not under the lock: a runtime that is shutting down drops the task, and with it the guard.
        let guard = Guard { rooms: Arc::downgrade(self), id };
        runtime.spawn(look_after(guard));
    }

    /// Frees a few; when to go on, or that there is nothing left to do for this janitor.
    fn look(&self, id: u64) -> Option<Instant> {
        let now = Instant::now();
        let swept = self.sweep(now);
        drop(swept.freed);
        let mut inner = lock(&self.inner);
        if inner.rooms.is_empty() && inner.janitor.running == Some(id) {
            // The next room starts another.
            inner.janitor.running = None;
            return None;
        }
        let next = swept.next.unwrap_or(now);
        Some(if next > now { next.max(now + inner.queues.grain()) } else { now })
    }
}

async fn look_after<T: Send + Sync + 'static>(guard: Guard<T>) {
    // The set may be gone at any time: it is not held meanwhile.
    while let Some(next) = guard.rooms.upgrade().and_then(|rooms| rooms.look(guard.id)) {
        if next <= Instant::now() {
            yield_now().await;
        } else {
            sleep_until(next).await;
        }
    }
}

/// Tells that the task has ended, however it did: also with its runtime.
struct Guard<T> {
    rooms: Weak<Rooms<T>>,
    id: u64,
}

impl<T> Drop for Guard<T> {
    fn drop(&mut self) {
        let Some(rooms) = self.rooms.upgrade() else { return };
        let mut inner = lock(&rooms.inner);
        if inner.janitor.running == Some(self.id) {
            inner.janitor.running = None;
            inner.janitor.failed = std::thread::panicking();
        }
    }
}
