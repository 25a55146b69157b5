//! Counts of a set.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of one set since it was made; see [`ClientSet::stats`](super::ClientSet::stats).
///
/// Each is right by itself; two of them may be from moments a little apart.
///
/// ```
/// use ereo_runtime::ClientSet;
///
/// let set = ClientSet::<String>::new();
/// set.broadcast(&"hello".to_owned())?;
/// let stats = set.stats();
/// assert_eq!((stats.broadcasts, stats.clients, stats.lagged), (1, 0, 0));
/// # Ok::<_, ereo_runtime::BroadcastError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Messages that were broadcast.
    pub broadcasts: u64,
    /// Clients that are there now.
    pub clients: usize,
    /// How often a client was overtaken, whatever became of it; the same client may be again.
    pub lagged: u64,
    /// How many of these times the client was disconnected for it.
    pub disconnected: u64,
    /// Messages that overtaken clients did not get: those that were skipped, and those that had
    /// fallen out when a client was disconnected.
    pub missed: u64,
}

/// Touched only when a reader is overtaken: a reader that keeps up never writes to shared memory.
#[derive(Debug, Default)]
pub(super) struct LagCounters {
    skipped: AtomicU64,
    disconnected: AtomicU64,
    missed: AtomicU64,
}

impl LagCounters {
    pub(super) fn skipped(&self, missed: u64) {
        self.skipped.fetch_add(1, Ordering::Relaxed);
        self.missed.fetch_add(missed, Ordering::Relaxed);
    }

    pub(super) fn disconnected(&self, missed: u64) {
        self.disconnected.fetch_add(1, Ordering::Relaxed);
        self.missed.fetch_add(missed, Ordering::Relaxed);
    }

    pub(super) fn stats(&self, broadcasts: u64, clients: usize) -> Stats {
        let disconnected = self.disconnected.load(Ordering::Relaxed);
        let lagged = self.skipped.load(Ordering::Relaxed) + disconnected;
        let missed = self.missed.load(Ordering::Relaxed);
        Stats { broadcasts, clients, lagged, disconnected, missed }
    }
}
