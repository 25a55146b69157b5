//! An instant in eight bytes, for what every connection has.

use std::num::NonZeroU64;
use std::time::Duration;

use tokio::time::Instant;

/// Nanoseconds since a base, and one: half of an `Instant`, and with room for `None`. Whoever holds many of them has
/// the base once. They tell instants of five hundred years apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CompactInstant(NonZeroU64);

impl CompactInstant {
    /// Later than every instant.
    pub(crate) const NEVER: Self = Self(NonZeroU64::MAX);

    /// Another value that no instant has, for an owner with one more state than an `Option`.
    pub(crate) const SPARE: Self = Self(NonZeroU64::MIN.saturating_add(u64::MAX - 2));

    /// Instants before `base` are `base`; the last of the five hundred years stands for those behind it.
    pub(crate) fn new(base: Instant, instant: Instant) -> Self {
        let nanos = instant.saturating_duration_since(base).as_nanos();
        let nanos = u64::try_from(nanos).unwrap_or(u64::MAX).min(u64::MAX - 3);
        Self(NonZeroU64::MIN.saturating_add(nanos))
    }

    /// The instant, of the same `base`.
    pub(crate) fn instant(self, base: Instant) -> Instant {
        base + Duration::from_nanos(self.0.get() - 1)
    }

    /// As an atomic holds it.
    pub(crate) fn to_bits(self) -> u64 {
        self.0.get()
    }

    /// The reverse of [`to_bits`](Self::to_bits); the base where there is none yet, as in an atomic that is zero.
    pub(crate) fn from_bits(bits: u64) -> Self {
        Self(NonZeroU64::new(bits).unwrap_or(NonZeroU64::MIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_comes_back_as_it_was() {
        let base = Instant::now();
        for nanos in [0, 1, 999, 1 << 40] {
            let instant = base + Duration::from_nanos(nanos);
            let compact = CompactInstant::new(base, instant);
            assert_eq!(compact.instant(base), instant);
            assert_eq!(CompactInstant::from_bits(compact.to_bits()), compact);
        }
    }

    #[test]
    fn instants_are_in_their_order_and_none_is_never() {
        let base = Instant::now();
        let compact = |after: Duration| CompactInstant::new(base, base + after);
        let before = CompactInstant::new(base + Duration::from_secs(1), base);
        assert_eq!(before, compact(Duration::ZERO));
        assert!(compact(Duration::ZERO) < compact(Duration::from_nanos(1)));
        let last = compact(Duration::from_secs(1 << 40));
        assert!(compact(Duration::from_secs(1 << 32)) < last);
        assert!(last < CompactInstant::SPARE && CompactInstant::SPARE < CompactInstant::NEVER);
    }

    #[test]
    fn a_compact_instant_that_may_be_none_is_no_larger() {
        assert_eq!(size_of::<Option<CompactInstant>>(), 8);
    }
}
