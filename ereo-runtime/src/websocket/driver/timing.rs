//! Timeouts of a connection.

use std::time::Duration;

use tokio::time::Instant;

use crate::websocket::millis::Millis;
use crate::websocket::options::Options;

/// How long bytes of a peer that broke the protocol are thrown away before the connection is closed
/// below; see [`Stage::Failing`](crate::websocket::stage::Stage::Failing). A few round trips.
const LINGER: Duration = Duration::from_millis(500);

/// How long a draining server waits for a peer's close frame: a few round trips, well within the part
/// of the drain's time that the clients have.
const DRAIN_CLOSE: Duration = Duration::from_secs(2);

/// A time in seconds, rounded up, in the two bytes that a driver has left. One of more than 18 hours is never
/// over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seconds(u16);

impl Seconds {
    pub(super) fn of(duration: Option<Duration>) -> Self {
        let seconds = duration.map(|duration| duration.as_nanos().div_ceil(1_000_000_000));
        Self(seconds.and_then(|seconds| seconds.try_into().ok()).unwrap_or(u16::MAX))
    }

    /// When it is over that began at `moment`.
    pub(super) fn after(self, moment: Instant) -> Option<Instant> {
        (self.0 != u16::MAX).then(|| moment + Duration::from_secs(self.0.into()))
    }
}

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
