//! How long what may take.

use std::time::Duration;

use tokio::time::Instant;

use crate::websocket::options::Options;

/// How long bytes of a peer that broke the protocol are thrown away before the connection is closed
/// below; see [`Stage::Failing`](crate::websocket::link::Stage::Failing). A few round trips.
const LINGER: Duration = Duration::from_millis(500);

/// How long a draining server waits for a peer's close frame: a few round trips, well within the part
/// of the drain's time that the clients have.
const DRAIN_CLOSE: Duration = Duration::from_secs(2);

/// The times of a route's options. Every connection has them, hence the small numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timing {
    pub(super) ping: Millis,
    pub(super) idle: Millis,
    pub(super) close: Millis,
    pub(super) grace: Millis,
}

impl Timing {
    pub(super) fn of(options: &Options) -> Self {
        let Options { ping, idle, close_timeout, grace, .. } = *options;
        // A peer that is silent by right must be asked before it is given up for its silence.
        let ping = match (ping, idle) {
            (Some(ping), Some(idle)) if ping >= idle => Some(idle / 2),
            (ping, _) => ping,
        };
        Self {
            ping: ping.map_or(Millis::NEVER, Millis::from),
            idle: idle.map_or(Millis::NEVER, Millis::from),
            close: close_timeout.into(),
            grace: grace.into(),
        }
    }

    /// The server drains.
    pub(super) fn drains(&mut self) {
        self.close = self.close.min(DRAIN_CLOSE.into());
    }

    /// How long a peer is listened to that broke the protocol.
    pub(super) fn linger(&self) -> Millis {
        self.close.min(LINGER.into())
    }
}

/// A time as tokio's clock counts it, in milliseconds and rounded up. What would be longer than seven
/// weeks is never over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Millis(u32);

impl Millis {
    pub(super) const ZERO: Self = Self(0);
    pub(super) const NEVER: Self = Self(u32::MAX);

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
