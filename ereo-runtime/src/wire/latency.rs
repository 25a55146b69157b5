//! How long a message takes from its broadcast until each reader takes it to send it.
//!
//! A clock read and a histogram for each of a million deliveries a second would be felt. So of each set
//! the first message is measured, and every [`ONE_IN`]th behind it, with all of its readers: the last
//! of them is what a fan-out takes.

use crate::meters::histogram;
use tokio::time::Instant;

const ONE_IN: u64 = 64;

/// Whether the message with this offset is one of those.
pub(super) fn is_measured(offset: u64) -> bool {
    offset % ONE_IN == 1
}

/// A reader takes the message with this offset, which was broadcast while it was there.
pub(crate) fn taken(kind: &'static str, offset: u64, broadcast: Instant) {
    if is_measured(offset) {
        let seconds = broadcast.elapsed().as_secs_f64();
        // A label that is no literal would be allocated, once a reader.
        let histogram = match kind {
            "sse" => histogram!("ereo_fanout_seconds", "kind" => "sse"),
            _ => histogram!("ereo_fanout_seconds", "kind" => "websocket"),
        };
        histogram.record(seconds);
    }
}
