//! The rate at which a client may send: two token buckets, each with a burst of one second's worth.

use tokio::time::Instant;

use crate::server::SocketRates;

#[derive(Debug)]
pub(super) struct Rate {
    messages: Option<Bucket>,
    bytes: Option<Bucket>,
}

impl Rate {
    pub(super) fn new(rates: SocketRates, now: Instant) -> Self {
        let bucket = |per_second: Option<u32>| per_second.map(|rate| Bucket::full(rate, now));
        Self { messages: bucket(rates.messages), bytes: bucket(rates.bytes) }
    }

    /// Boxed, and only where there is a limit: most servers set none.
    pub(super) fn limiting(rates: SocketRates, now: Instant) -> Option<Box<Self>> {
        let limited = rates.messages.is_some() || rates.bytes.is_some();
        limited.then(|| Box::new(Self::new(rates, now)))
    }

    /// A message has come, or a ping. Whether that is still within the rate.
    pub(super) fn message(&mut self, now: Instant) -> bool {
        self.messages.as_mut().is_none_or(|bucket| bucket.take(1.0, now))
    }

    /// Bytes have come. Whether that is still within the rate.
    pub(super) fn bytes(&mut self, bytes: usize, now: Instant) -> bool {
        self.bytes.as_mut().is_none_or(|bucket| bucket.take(bytes as f64, now))
    }
}

#[derive(Debug)]
struct Bucket {
    per_second: f64,
    /// What may come at once; below zero once too much has come.
    level: f64,
    at: Instant,
}

impl Bucket {
    fn full(per_second: u32, now: Instant) -> Self {
        Self { per_second: per_second.into(), level: per_second.into(), at: now }
    }

    fn take(&mut self, amount: f64, now: Instant) -> bool {
        let refilled = self.level + (now - self.at).as_secs_f64() * self.per_second;
        self.level = refilled.min(self.per_second) - amount;
        self.at = now;
        self.level >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_second_of_burst_and_then_the_rate() {
        let mut now = Instant::now();
        let mut rate = Rate::new(SocketRates { messages: Some(10), bytes: Some(100) }, now);
        assert!((0..10).all(|_| rate.message(now)));
        now += Duration::from_millis(100);
        assert!(rate.message(now));
        assert!(!rate.message(now));
        assert!(rate.bytes(100, now) && !rate.bytes(1, now));
        let mut free = Rate::new(SocketRates::default(), now);
        assert!((0..1000).all(|_| free.message(now) && free.bytes(1 << 20, now)));
    }
}
