//! One open event stream or socket: counted, told of the drain, and observed until it is dropped.

use std::fmt;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpRequest;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::limits::{Gate, Permit, SocketRates};
use super::observe::{ConnectionKind, Observed};
use super::worker::Alarm;

/// The drain waits until it is dropped.
pub(crate) struct OpenStream {
    server: Option<Served>,
    observed: Rc<Observed>,
}

/// What a connection of a server that is `.realtime(..)` has of it.
struct Served {
    permit: Permit,
    _counted: TaskTrackerToken,
}

impl OpenStream {
    pub(super) fn new(req: &HttpRequest, kind: ConnectionKind, server: Option<Permit>) -> Self {
        let server =
            server.map(|permit| Served { _counted: permit.lifeline().open.token(), permit });
        Self { server, observed: Rc::new(Observed::begin(req, kind)) }
    }

    /// What wakes the connection's task, for [`OpenStream::poll_drain`] too.
    pub(crate) fn alarm(&self) -> Alarm {
        self.server
            .as_ref()
            .map_or_else(Alarm::own, |server| server.permit.lifeline().workers.alarm())
    }

    /// Ready when the server drains, with a random part of the spread for this client; until then the
    /// task is woken for it by `alarm`.
    pub(crate) fn poll_drain(&self, alarm: &Alarm, cx: &Context<'_>) -> Poll<Duration> {
        match self.server.as_ref().map(|server| server.permit.lifeline()) {
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
        let gate = self.server.as_ref().map(|server| &server.permit.lifeline().gate);
        gate.map(Gate::socket_rates).unwrap_or_default()
    }

    /// What is known of the connection, for those who send over it.
    pub(crate) fn observed(&self) -> &Rc<Observed> {
        &self.observed
    }
}

impl fmt::Debug for OpenStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenStream").field("observed", &self.observed).finish_non_exhaustive()
    }
}
