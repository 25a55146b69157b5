//! Times in few bytes: every connection has several.

use std::time::Duration;

use tokio::time::Instant;

/// A time as tokio's clock counts it, in milliseconds and rounded up. What would be longer than seven
/// weeks is never over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Millis(u32);

impl Millis {
    pub(super) const ZERO: Self = Self(0);
    pub(super) const NEVER: Self = Self(u32::MAX);
    /// The last moment that there is.
    pub(super) const LATEST: Self = Self(u32::MAX - 1);

    /// In milliseconds, if it is ever over.
    pub(super) fn get(self) -> Option<u32> {
        (self != Self::NEVER).then_some(self.0)
    }

    /// When it is over that began at `moment`.
    pub(super) fn after(self, moment: Instant) -> Option<Instant> {
        (self != Self::NEVER).then(|| moment + Duration::from_millis(self.0.into()))
    }
}

impl From<Duration> for Millis {
    fn from(duration: Duration) -> Self {
        let millis = duration.as_nanos().div_ceil(1_000_000);
        u32::try_from(millis).map_or(Self::NEVER, Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_up_and_has_no_end_that_a_clock_could_not_hold() {
        let begin = Instant::now();
        let after = |duration: Duration| Millis::from(duration).after(begin).map(|end| end - begin);
        assert_eq!(after(Duration::ZERO), Some(Duration::ZERO));
        assert_eq!(after(Duration::from_nanos(1)), Some(Duration::from_millis(1)));
        assert_eq!(after(Duration::from_secs(86_400)), Some(Duration::from_secs(86_400)));
        assert_eq!(after(Duration::MAX), None);
    }
}
