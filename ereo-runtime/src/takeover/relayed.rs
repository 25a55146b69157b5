//! Counts of what relays have sent in a writer's place, until the writer counts it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tokio::time::Instant;

use crate::compact_instant::CompactInstant;
use crate::fanout::Load;

/// Relayed messages after which the writer is woken to count them. The first interval is random, so that a
/// thread's writers do not wake together.
const UNCOUNTED: u32 = 1024;

/// Written by one thread, the connection's: plain loads and stores will do.
#[derive(Debug)]
pub(super) struct Relayed {
    messages: AtomicU32,
    /// How many messages there are to be until the writer is woken.
    due: AtomicU32,
    bytes: AtomicU64,
    /// When the last was sent: a [`CompactInstant`] since the sink was made.
    at: AtomicU64,
}

/// What relays have sent since the writer last asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    /// When the last of it went out.
    pub(crate) at: Instant,
}

impl Relayed {
    pub(super) fn new() -> Self {
        Self {
            messages: AtomicU32::new(0),
            due: AtomicU32::new(rand::random_range(1..=UNCOUNTED)),
            bytes: AtomicU64::new(0),
            at: AtomicU64::new(0),
        }
    }

    /// Adds a load; whether it is time that the writer counted. `since` is the same at each call.
    pub(super) fn add(&self, load: &Load<'_>, since: Instant) -> bool {
        let Self { messages: all, due, bytes, at } = self;
        bytes.store(bytes.load(Ordering::Relaxed) + load.told, Ordering::Relaxed);
        at.store(CompactInstant::new(since, load.now).to_bits(), Ordering::Relaxed);
        // A writer that is woken has its turn long before these are too many to count.
        let messages = u64::from(all.load(Ordering::Relaxed)) + load.messages;
        let messages = u32::try_from(messages).unwrap_or(u32::MAX);
        all.store(messages, Ordering::Relaxed);
        messages >= due.load(Ordering::Relaxed)
    }

    /// Messages and bytes that [`Relayed::take`] would take.
    #[cfg(feature = "inspector")]
    pub(super) fn uncounted(&self) -> (u64, u64) {
        let messages = self.messages.load(Ordering::Relaxed).into();
        (messages, self.bytes.load(Ordering::Relaxed))
    }

    /// Takes what was added since this was last asked.
    pub(super) fn take(&self, since: Instant) -> Option<Tally> {
        let messages = self.messages.load(Ordering::Relaxed);
        if messages == 0 {
            return None;
        }
        self.messages.store(0, Ordering::Relaxed);
        self.due.store(UNCOUNTED, Ordering::Relaxed);
        let bytes = self.bytes.swap(0, Ordering::Relaxed);
        let at = CompactInstant::from_bits(self.at.load(Ordering::Relaxed));
        Some(Tally { messages: messages.into(), bytes, at: at.instant(since) })
    }
}
