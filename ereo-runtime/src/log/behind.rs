//! The place of the slowest reader that is behind a log's history and still reads.

use std::time::Duration;

/// The first offset that was read in the current period, and in the one before it. A reader that reads once
/// a period at the least is always known; one that has stopped is forgotten within two.
#[derive(Debug, Clone)]
pub(crate) struct Behind {
    period: u64,
    current: u64,
    before: u64,
}

/// Behind all offsets: nobody is.
const NOBODY: u64 = u64::MAX;

impl Behind {
    pub(crate) fn new() -> Self {
        Self { period: 0, current: NOBODY, before: NOBODY }
    }

    /// It is `now`, in periods of this length; none at all if that is zero.
    pub(crate) fn turn_to(&mut self, now: Duration, length: Duration) {
        let period = now.as_nanos().checked_div(length.as_nanos()).unwrap_or_default();
        // Of five hundred years.
        let period = u64::try_from(period).unwrap_or(u64::MAX);
        self.before = match period.saturating_sub(self.period) {
            0 => return,
            1 => self.current,
            _ => NOBODY,
        };
        (self.period, self.current) = (period, NOBODY);
    }

    /// A reader reads at this offset.
    pub(crate) fn note(&mut self, offset: u64) {
        self.current = self.current.min(offset);
    }

    /// Whether a reader has read lately.
    pub(crate) fn is_anybody(&self) -> bool {
        self.first() != NOBODY
    }

    /// The first offset that a reader has read lately.
    pub(crate) fn first(&self) -> u64 {
        self.current.min(self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_secs(1);

    #[test]
    fn the_slowest_that_reads_is_known_and_one_that_has_stopped_is_forgotten() {
        let mut behind = Behind::new();
        let mut at = |tenths: u32, reads: &[u64]| {
            behind.turn_to(PERIOD / 10 * tenths, PERIOD);
            reads.iter().for_each(|offset| behind.note(*offset));
            behind.first()
        };
        assert_eq!(at(0, &[]), NOBODY);
        assert_eq!(at(9, &[7, 3, 5]), 3);
        // The next period: 3 has gone on to 9, and is not the first any more behind that one.
        assert_eq!(at(15, &[9, 12]), 3);
        assert_eq!(at(25, &[20]), 9);
        assert_eq!(at(35, &[]), 20);
        assert_eq!(at(45, &[]), NOBODY);
    }

    #[test]
    fn without_a_period_it_never_turns() {
        let mut behind = Behind::new();
        behind.note(1);
        behind.turn_to(Duration::from_secs(100), Duration::ZERO);
        assert_eq!(behind.first(), 1);
    }
}
