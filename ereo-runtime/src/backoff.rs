//! Exponential backoff: how long a client waits before it tries again.

use std::time::Duration;

use rand::{Rng, RngExt};

/// Delays that double from `base` up to `max`.
///
/// The same policy is the browser module's, and its base is the `retry:` that an event stream opens
/// with. Without jitter the default gives 1, 2, 4, 8, 16, 30, 30 s; with it, each delay is a random
/// part of that, so that clients that were cut off together do not come back together.
///
/// ```
/// use ereo_runtime::{Backoff, Jitter};
/// let backoff = Backoff { jitter: Jitter::None, ..Backoff::default() };
/// let seconds = (0..7).map(|n| backoff.delay(n).as_secs());
/// assert_eq!(seconds.collect::<Vec<_>>(), [1, 2, 4, 8, 16, 30, 30]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// The first delay.
    pub base: Duration,
    /// What each delay is multiplied by for the next; below 1 or not a number counts as 1.
    pub factor: f64,
    /// The longest delay.
    pub max: Duration,
    /// How much of a delay is left to chance.
    pub jitter: Jitter,
}

/// How much of a delay is left to chance.
///
/// ```
/// use ereo_runtime::{Backoff, Jitter};
///
/// let steady = Backoff { jitter: Jitter::None, ..Backoff::default() };
/// assert_eq!([0, 1, 2].map(|attempt| steady.delay(attempt).as_secs()), [1, 2, 4]);
/// assert!(Backoff::default().delay(2).as_secs() <= 4);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Jitter {
    /// Nothing: every client waits the same.
    None,
    /// All: uniformly between nothing and the delay.
    #[default]
    Full,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            factor: 2.0,
            max: Duration::from_secs(30),
            jitter: Jitter::Full,
        }
    }
}

impl Backoff {
    /// The delay before try number `attempt`, counted from 0. Never overflows.
    pub fn delay(&self, attempt: u32) -> Duration {
        self.delay_with(attempt, &mut rand::rng())
    }

    /// [`Backoff::delay`] with a source of chance of your own.
    pub fn delay_with(&self, attempt: u32, rng: &mut impl Rng) -> Duration {
        let delay = self.longest(attempt);
        match self.jitter {
            Jitter::None => delay,
            Jitter::Full => delay.mul_f64(rng.random_range(0.0..=1.0)),
        }
    }

    /// `min(base * factor^attempt, max)`.
    fn longest(&self, attempt: u32) -> Duration {
        let factor = if self.factor >= 1.0 { self.factor } else { 1.0 };
        // Beyond `i32::MAX` tries the power is infinite anyway, or 1.
        let power = factor.powi(i32::try_from(attempt).unwrap_or(i32::MAX));
        let seconds = self.base.as_secs_f64() * power;
        // Not a number: nothing times infinity.
        if seconds.is_nan() {
            return self.base.min(self.max);
        }
        Duration::try_from_secs_f64(seconds).map_or(self.max, |delay| delay.min(self.max))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn never_overflows_and_never_exceeds_max(
            base: Duration, factor: f64, max: Duration, attempt: u32, full: bool,
        ) {
            let jitter = if full { Jitter::Full } else { Jitter::None };
            let backoff = Backoff { base, factor, max, jitter };
            // Rounding of a random part may add a nanosecond a second.
            prop_assert!(backoff.delay(attempt) <= max.saturating_add(max / 1_000_000));
        }
    }

    #[test]
    fn full_jitter_uses_the_whole_delay() {
        let backoff = Backoff::default();
        let delays: Vec<_> = (0..2000).map(|_| backoff.delay(3)).collect();
        assert!(delays.iter().all(|delay| *delay <= Duration::from_secs(8)));
        assert!(delays.iter().any(|delay| *delay < Duration::from_secs(1)));
        assert!(delays.iter().any(|delay| *delay > Duration::from_secs(7)));
    }

    #[test]
    fn zero_base_stays_zero() {
        let backoff = Backoff { base: Duration::ZERO, jitter: Jitter::None, ..Backoff::default() };
        assert_eq!(backoff.delay(u32::MAX), Duration::ZERO);
    }
}
