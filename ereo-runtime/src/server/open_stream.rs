//! One open event stream or socket: counted, told of the drain, and observed until it is dropped.

use std::fmt;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpRequest;
use tokio::time::Instant;

use super::lifeline::Lifeline;
use super::limits::{Permit, SocketRates};
use super::observe::{ConnectionKind, Observed};
use super::worker::Alarm;

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
            Some(lifeline) if lifeline.draining.is_cancelled() => {
                Poll::Ready(lifeline.spread.mul_f64(rand::random()))
            }
            _ => {
                alarm.watch(cx);
                Poll::Pending
            }
        }
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
