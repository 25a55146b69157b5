//! One open event stream or socket: counted, told of the drain, and observed until it is dropped.

use std::fmt;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpRequest;
use tokio::time::Instant;

use super::lifeline::{Lifeline, SPREAD};
use super::limits::{Permit, SocketRates};
use super::observe::{self, ConnectionKind, Observed};
use crate::worker::Alarm;

/// The drain waits until it is dropped.
pub(crate) struct OpenStream {
    /// Of a server that is `.realtime(..)`.
    permit: Option<Permit>,
    observed: Observed,
}

impl OpenStream {
    pub(super) fn new(req: &HttpRequest, kind: ConnectionKind, permit: Option<Permit>) -> Self {
        Self { permit, observed: Observed::begin(req, kind) }
    }

    fn lifeline(&self) -> Option<&Lifeline> {
        self.permit.as_ref().map(Permit::lifeline)
    }

    /// What wakes the connection's task, for [`OpenStream::poll_drain`] too.
    pub(crate) fn alarm(&self) -> Alarm {
        self.lifeline().map_or_else(Alarm::own, |lifeline| lifeline.workers.alarm())
    }

    /// Ready when the server drains, with a random part of the spread for this client; until then the
    /// task is woken for it by `alarm`.
    pub(crate) fn poll_drain(&self, alarm: &Alarm, cx: &Context<'_>) -> Poll<Duration> {
        match self.lifeline() {
            Some(lifeline) if lifeline.draining.is_cancelled() => Poll::Ready(self.apart()),
            _ => {
                alarm.watch(cx);
                Poll::Pending
            }
        }
    }

    /// A random part of the spread, for one of many clients that may end at the same moment.
    pub(crate) fn apart(&self) -> Duration {
        let spread = self.lifeline().map_or(SPREAD, |lifeline| lifeline.spread);
        spread.mul_f64(rand::random())
    }

    /// Takes so many bytes of what may be replayed to the address of a request.
    ///
    /// # Errors
    /// How long it takes until there are as many.
    pub(crate) fn replays(&self, req: &HttpRequest, bytes: u64) -> Result<(), Duration> {
        let replays = self.lifeline().map(|lifeline| lifeline.gate.replays(req, bytes));
        replays
            .unwrap_or(Ok(()))
            .inspect_err(|_| observe::refused(req, self.observed.kind(), "replay"))
    }

    /// How fast the client may send, if it is a socket.
    pub(crate) fn socket_rates(&self) -> SocketRates {
        self.lifeline().map(|lifeline| lifeline.gate.socket_rates()).unwrap_or_default()
    }

    /// What is known of the connection, for those who send over it.
    pub(crate) fn observed(&self) -> &Observed {
        &self.observed
    }

    pub(crate) fn began(&self) -> Instant {
        self.observed.began()
    }
}

impl fmt::Debug for OpenStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenStream").field("observed", &self.observed).finish_non_exhaustive()
    }
}
