//! The budget of an address for messages that it is sent again.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::sync::lock;

/// Bytes a minute where nothing else is said: each worth 32 times all that a set keeps by default.
pub(super) const DEFAULT: u64 = 256 << 20;

/// What is not larger than this is always sent: a page takes as much, and who misses as little was away for
/// a moment only.
const ALWAYS: u64 = 16 << 10;

/// How long it takes until an address that has used up all may use up all again.
const REFILL: Duration = Duration::from_secs(60);

/// So many addresses in each half of the table.
const ADDRESSES: usize = 32 << 10;

/// A bucket of tokens for each address, as the moment at which it is full again: the one of an address that
/// is not known is full.
#[derive(Debug)]
pub(super) struct Budget<A> {
    per_minute: u64,
    buckets: Mutex<Buckets<A>>,
}

/// Those that were used lately, and those before them. Whenever the first half has its time or is full it
/// becomes the second, and who was in that is forgotten.
#[derive(Debug)]
struct Buckets<A> {
    now: HashMap<A, Instant>,
    before: HashMap<A, Instant>,
    since: Instant,
}

impl<A: Copy + Eq + Hash> Budget<A> {
    pub(super) fn new(per_minute: u64) -> Self {
        let (now, before) = (HashMap::new(), HashMap::new());
        let buckets = Buckets { now, before, since: Instant::now() };
        Self { per_minute: per_minute.max(1), buckets: Mutex::new(buckets) }
    }

    /// Takes so many bytes out of the bucket of an address, or all where that is more than it holds.
    ///
    /// # Errors
    /// How long it takes until there are as many.
    pub(super) fn take(&self, address: A, bytes: u64) -> Result<(), Duration> {
        let cost = REFILL.mul_f64(bytes.min(self.per_minute) as f64 / self.per_minute as f64);
        let now = Instant::now();
        let mut buckets = lock(&self.buckets);
        let full_at = buckets.of(address, now);
        let due = full_at.saturating_duration_since(now) + cost;
        if due > REFILL && bytes > ALWAYS {
            return Err(due - REFILL);
        }
        *full_at = now + due.min(REFILL);
        Ok(())
    }
}

impl<A: Copy + Eq + Hash> Buckets<A> {
    /// When the bucket of an address is full.
    fn of(&mut self, address: A, now: Instant) -> &mut Instant {
        if self.now.len() >= ADDRESSES || now.saturating_duration_since(self.since) >= REFILL {
            self.before = std::mem::take(&mut self.now);
            self.since = now;
        }
        let before = self.before.remove(&address);
        self.now.entry(address).or_insert(before.unwrap_or(now))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const MIB: u64 = 1 << 20;

    #[tokio::test(start_paused = true)]
    async fn a_bucket_is_used_up_and_fills_again() {
        let budget = Budget::new(60 * MIB);
        for _ in 0..6 {
            assert_eq!(budget.take(1, 10 * MIB), Ok(()));
        }
        let wait = budget.take(1, 10 * MIB).unwrap_err();
        assert!(wait.abs_diff(Duration::from_secs(10)) < Duration::from_millis(1), "{wait:?}");
        // Others have their own.
        assert_eq!(budget.take(2, 60 * MIB), Ok(()));
        advance(wait + Duration::from_millis(1)).await;
        assert_eq!(budget.take(1, 10 * MIB), Ok(()));
        assert!(budget.take(1, MIB).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_little_is_always_sent_and_puts_off_nobody_for_longer_than_a_minute() {
        let budget = Budget::new(MIB);
        for _ in 0..10_000 {
            assert_eq!(budget.take(1, ALWAYS), Ok(()));
        }
        assert!(budget.take(1, ALWAYS + 1).unwrap_err() <= REFILL);
        advance(REFILL).await;
        assert_eq!(budget.take(1, MIB), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_more_than_a_bucket_holds_takes_a_full_one() {
        let budget = Budget::new(MIB);
        assert_eq!(budget.take(1, 8 * MIB), Ok(()));
        advance(REFILL / 2).await;
        let wait = budget.take(1, 8 * MIB).unwrap_err();
        assert!(wait.abs_diff(REFILL / 2) < Duration::from_millis(1), "{wait:?}");
        advance(wait + Duration::from_millis(1)).await;
        assert_eq!(budget.take(1, 8 * MIB), Ok(()));
        assert!(Budget::new(0).take(1, MIB).is_ok());
        assert!(Budget::new(u64::MAX).take(1, u64::MAX / 4).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_are_forgotten_and_never_too_many_of_them() {
        let budget = Budget::new(MIB);
        for address in 0..10 * ADDRESSES {
            budget.take(address, MIB).unwrap();
        }
        let known = |budget: &Budget<usize>| {
            let buckets = lock(&budget.buckets);
            buckets.now.len() + buckets.before.len()
        };
        assert!(known(&budget) <= 2 * ADDRESSES, "{}", known(&budget));
        // The latest is remembered.
        assert!(budget.take(10 * ADDRESSES - 1, MIB).is_err());
        for _ in 0..2 {
            advance(REFILL).await;
            budget.take(0, MIB).unwrap();
        }
        assert_eq!(known(&budget), 1);
        // One that is used all the time is not forgotten while it is in use.
        for _ in 0..100 {
            advance(Duration::from_secs(2)).await;
            let _ = budget.take(1, MIB / 10);
        }
        assert!(budget.take(1, MIB).is_err());
    }
}
