//! Whether a set's store takes messages.

use std::sync::atomic::{AtomicBool, Ordering};

use metrics::{counter, gauge};
use tokio::sync::watch;
use tokio::time::Instant;

/// How a set and its store get on; see [`ClientSet::health`](crate::ClientSet::health).
///
/// Readers are served in either case, and what is broadcast is held or refused as
/// [`WhenDown`](super::WhenDown) says.
///
/// ```
/// use ereo_runtime::{ClientSet, Health};
///
/// let set = ClientSet::<String>::new();
/// let is_ready = !matches!(set.health(), Health::Down { since, .. } if since.elapsed().as_secs() >= 10);
/// assert!(is_ready, "a set in memory is always up");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// The store took what it was last asked to take; of a set in memory, always.
    Up,
    /// It has refused, or not answered, since then, and is asked again and again.
    Down {
        /// When it first did.
        since: Instant,
    },
}

/// The health of a set and its rooms, as their mirrors find it.
#[derive(Debug)]
pub(super) struct Pulse {
    health: watch::Sender<Health>,
    /// What was last to be appended was not: that it can be read means nothing then.
    refuses: AtomicBool,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self { health: watch::Sender::new(Health::Up), refuses: AtomicBool::new(false) }
    }

    pub(super) fn get(&self) -> Health {
        *self.health.borrow()
    }

    pub(super) fn watch(&self) -> watch::Receiver<Health> {
        self.health.subscribe()
    }

    pub(super) fn up(&self) {
        self.refuses.store(false, Ordering::Relaxed);
        let changed = self
            .health
            .send_if_modified(|health| std::mem::replace(health, Health::Up) != Health::Up);
        if changed {
            gauge!("ereo_store_up").set(1.0);
            tracing::info!("the store takes messages again");
        }
    }

    /// It answers, which is all that can be known of it where nothing is to be appended.
    pub(super) fn is_read(&self) {
        if !self.refuses.load(Ordering::Relaxed) {
            self.up();
        }
    }

    /// It did not take what was to be appended.
    pub(super) fn refuses(&self) {
        self.refuses.store(true, Ordering::Relaxed);
    }

    pub(super) fn down(&self, log: &str, error: &super::StoreError) {
        let changed = self.health.send_if_modified(|health| {
            let was_up = *health == Health::Up;
            if was_up {
                *health = Health::Down { since: Instant::now() };
            }
            was_up
        });
        counter!("ereo_store_retried_total").increment(1);
        if changed {
            gauge!("ereo_store_up").set(0.0);
            tracing::error!(log, %error, "the store is down: readers are served, messages wait for it");
        }
    }
}
