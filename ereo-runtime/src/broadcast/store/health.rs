//! Whether a set's store takes messages.

use std::sync::Weak;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::meters::{counter, gauge};
use crate::sync::{Arc, Mutex, lock};

/// How long a store may be down before clients are better served by another process: shorter is what a restart of it
/// takes.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// Of all sets of this process that have a store.
static PULSES: Mutex<Vec<Weak<Pulse>>> = Mutex::new(Vec::new());

/// How a set and its store get on; see [`ClientSet::health`](crate::ClientSet::health).
///
/// Readers are served in either case, and what is broadcast is held or refused as
/// [`WhenDown`](super::WhenDown) says.
///
/// ```
/// use ereo_runtime::{ClientSet, Health};
///
/// let set = ClientSet::<String>::new();
/// assert_eq!(set.health(), Health::Up, "a set in memory is always up");
/// assert!(set.health().is_ready());
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

impl Health {
    /// Whether a balancer should send clients to this process: also while the store is down, for the first ten
    /// seconds, which a restart of it may take. [`ready`](crate::ready) is the route that says so of all sets.
    pub fn is_ready(&self) -> bool {
        match self {
            Self::Up => true,
            Self::Down { since } => since.elapsed() < READY_WITHIN,
        }
    }
}

/// Whether that holds for all sets of this process.
pub(crate) fn stores_are_ready() -> bool {
    pulses().iter().all(|pulse| pulse.get().is_ready())
}

/// Waits until the stores of all sets have what was broadcast.
pub(crate) async fn stores_have_all() {
    for pulse in pulses() {
        pulse.holds_nothing().await;
    }
}

fn pulses() -> Vec<Arc<Pulse>> {
    lock(&PULSES).iter().filter_map(Weak::upgrade).collect()
}

/// The health of a set and its rooms, as their mirrors find it.
#[derive(Debug)]
pub(super) struct Pulse {
    health: watch::Sender<Health>,
    /// What was last to be appended was not: that it can be read means nothing then.
    refuses: AtomicBool,
    /// How many messages were taken that the store has not.
    held: AtomicUsize,
    /// Told when there is none.
    has_all: Notify,
    #[cfg(feature = "inspector")]
    forks: std::sync::atomic::AtomicU64,
    /// Of the commands of a set, whose own says the same.
    is_quiet: bool,
}

impl Pulse {
    pub(super) fn new() -> Arc<Self> {
        Self::made(false)
    }

    /// Of which nothing is traced.
    pub(super) fn quiet() -> Arc<Self> {
        Self::made(true)
    }

    fn made(is_quiet: bool) -> Arc<Self> {
        let pulse = Arc::new(Self {
            is_quiet,
            health: watch::Sender::new(Health::Up),
            refuses: AtomicBool::new(false),
            held: AtomicUsize::new(0),
            has_all: Notify::new(),
            #[cfg(feature = "inspector")]
            forks: Default::default(),
        });
        let mut pulses = lock(&PULSES);
        pulses.retain(|pulse| pulse.strong_count() > 0);
        pulses.push(Arc::downgrade(&pulse));
        drop(pulses);
        pulse
    }

    /// A message was taken.
    pub(super) fn holds(&self) {
        self.held.fetch_add(1, Ordering::AcqRel);
    }

    /// The store has so many of them, or never will.
    pub(super) fn lets_go(&self, count: usize) {
        if count > 0 && self.held.fetch_sub(count, Ordering::AcqRel) == count {
            self.has_all.notify_waiters();
        }
    }

    pub(super) async fn holds_nothing(&self) {
        let mut has_all = std::pin::pin!(self.has_all.notified());
        has_all.as_mut().enable();
        if self.held.load(Ordering::Acquire) > 0 {
            has_all.await;
        }
    }

    /// What was shown is in the store no more, and it goes on another way.
    pub(super) fn forks_off(&self) {
        counter!("ereo_store_forks_total").increment(1);
        #[cfg(feature = "inspector")]
        self.forks.fetch_add(1, Ordering::Relaxed);
    }

    #[cfg(feature = "inspector")]
    pub(super) fn forks(&self) -> u64 {
        self.forks.load(Ordering::Relaxed)
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
        if changed && !self.is_quiet {
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
        if changed && !self.is_quiet {
            gauge!("ereo_store_up").set(0.0);
            tracing::error!(log, %error, "the store is down: readers are served, messages wait for it");
        }
    }
}

/// What one log adds to a gauge, for as long as it is mirrored.
pub(super) struct Share {
    gauge: &'static str,
    value: usize,
}

impl Share {
    pub(super) const fn of(gauge: &'static str) -> Self {
        Self { gauge, value: 0 }
    }

    pub(super) fn set(&mut self, value: usize) {
        let before = std::mem::replace(&mut self.value, value);
        if value > before {
            gauge!(self.gauge).increment((value - before) as f64);
        } else if value < before {
            gauge!(self.gauge).decrement((before - value) as f64);
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}
