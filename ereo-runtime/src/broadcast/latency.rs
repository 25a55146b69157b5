//! How long a message takes from its broadcast until a reader takes it to send it.
//!
//! A clock read and a histogram for each of a million deliveries a second would be felt, so one in
//! [`ONE_IN`] is measured: of each reader every so many messages, of each message every so many
//! readers.

use metrics::histogram;
use tokio::time::Instant;

const ONE_IN: u64 = 64;

/// What one reader measures.
pub(super) struct Latency {
    kind: &'static str,
    /// Differs from reader to reader, so that each message is measured by some.
    phase: u64,
    /// What was broadcast before the reader came is replayed, and no matter of latency.
    live_from: u64,
}

impl Latency {
    /// Of the set's reader number `number`, which has come before the message with offset `next`.
    pub(super) fn of(kind: &'static str, number: u64, next: u64) -> Self {
        Self { kind, phase: number % ONE_IN, live_from: next }
    }

    /// The reader takes the message with this offset.
    pub(super) fn takes(&self, offset: u64, broadcast: Instant) {
        if offset >= self.live_from && (offset + self.phase).is_multiple_of(ONE_IN) {
            let seconds = broadcast.elapsed().as_secs_f64();
            histogram!("ereo_fanout_seconds", "kind" => self.kind).record(seconds);
        }
    }
}
