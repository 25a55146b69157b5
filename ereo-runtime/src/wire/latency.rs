//! The latency of a message, from its broadcast until each reader takes it to send it.
//!
//! A clock read and a histogram for each of a million deliveries a second would be felt. So of each set
//! the first message is measured, and every [`ONE_IN`]th behind it, with all of its readers: the last
//! of them is what a fan-out takes.

use crate::meters::histogram;
use tokio::time::Instant;

const ONE_IN: u64 = 64;

/// True if the message with this offset is one of those.
pub(super) fn is_measured(offset: u64) -> bool {
    offset % ONE_IN == 1
}

/// How long the measured deliveries took, by powers of two of microseconds, since the process began: for the
/// inspector.
#[cfg(feature = "inspector")]
pub(crate) mod measured {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    /// Up to half an hour.
    pub(crate) const BUCKETS: usize = 32;

    static TAKEN: [AtomicU64; BUCKETS] = [const { AtomicU64::new(0) }; BUCKETS];

    pub(super) fn took(time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bucket = (u64::BITS - micros.leading_zeros()) as usize;
        TAKEN[bucket.min(BUCKETS - 1)].fetch_add(1, Ordering::Relaxed);
    }

    /// How many took less than two to the power of their place, and no less than half of that.
    pub(crate) fn all() -> [u64; BUCKETS] {
        std::array::from_fn(|bucket| TAKEN[bucket].load(Ordering::Relaxed))
    }
}

/// A reader takes the message with this offset, which was broadcast while it was there.
pub(crate) fn taken(kind: &'static str, offset: u64, broadcast: Instant) {
    if is_measured(offset) {
        let time = broadcast.elapsed();
        #[cfg(feature = "inspector")]
        measured::took(time);
        let seconds = time.as_secs_f64();
        // A label that is no literal would be allocated, once a reader.
        let histogram = match kind {
            "sse" => histogram!("ereo_fanout_seconds", "kind" => "sse"),
            _ => histogram!("ereo_fanout_seconds", "kind" => "websocket"),
        };
        histogram.record(seconds);
    }
}
