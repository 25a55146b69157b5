//! The number of open connections, and the wait for the end of the last.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Open {
    count: AtomicUsize,
    /// Notified whenever none is left.
    deserted: Notify,
}

impl Open {
    pub(super) fn enter(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn leave(&self) {
        if self.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.deserted.notify_waiters();
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    /// Waits until none is open.
    pub(super) async fn deserted(&self) {
        loop {
            // Made before the look, so that no end is missed.
            let deserted = self.deserted.notified();
            if self.count() == 0 {
                return;
            }
            deserted.await;
        }
    }
}
