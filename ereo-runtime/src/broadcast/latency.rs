//! How long a message takes from its broadcast until each reader takes it to send it.
//!
//! A clock read and a histogram for each of a million deliveries a second would be felt. So of each set
//! the first message is measured, and every [`ONE_IN`]th behind it, with all of its readers: the last
//! of them is what a fan-out takes.

use std::ops::Range;

use metrics::histogram;
use tokio::time::Instant;

const ONE_IN: u64 = 64;

/// Whether the message at this offset is measured.
pub(super) fn is_measured(offset: u64) -> bool {
    offset % ONE_IN == 1
}

/// Which of these messages is measured; the first, if several are.
pub(super) fn measured(offsets: Range<u64>) -> Option<u64> {
    // Offsets begin at 1.
    let offset = offsets.start.saturating_sub(1).next_multiple_of(ONE_IN) + 1;
    offsets.contains(&offset).then_some(offset)
}

/// A reader takes a message that is measured, and was broadcast while it was there.
pub(super) fn taken(kind: &'static str, broadcast: Instant) {
    let seconds = broadcast.elapsed().as_secs_f64();
    // A label that is no literal would be allocated, once a reader.
    let histogram = match kind {
        "sse" => histogram!("ereo_fanout_seconds", "kind" => "sse"),
        _ => histogram!("ereo_fanout_seconds", "kind" => "websocket"),
    };
    histogram.record(seconds);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_every_64th_behind_it_are_measured_however_they_are_grouped() {
        for size in [1, 2, 63, 64] {
            let starts = (1..1_000).step_by(size as usize);
            let found = starts.filter_map(|start| measured(start..start + size));
            let found: Vec<u64> = found.take_while(|offset| *offset < 900).collect();
            assert_eq!(found, (1..900).step_by(64).collect::<Vec<_>>(), "{size}");
        }
        assert_eq!(measured(5..5), None);
        // Those of a reader that came behind all of them.
        assert_eq!(measured(70..65), None);
    }
}
