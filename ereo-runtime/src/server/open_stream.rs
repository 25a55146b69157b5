//! One open event stream or socket: counted, told of the drain, and observed until it is dropped.

use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpRequest;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::lifeline::Lifeline;
use super::limits::{Permit, SocketRates};
use super::observe::{ConnectionKind, Observed};

/// The drain waits until it is dropped.
pub(crate) struct OpenStream {
    drain: Option<Drained>,
    observed: Rc<Observed>,
    rates: SocketRates,
    _permit: Option<Permit>,
}

/// The connection's end of its server's lifeline.
struct Drained {
    token: CancellationToken,
    draining: Pin<Box<WaitForCancellationFutureOwned>>,
    spread: Duration,
    _counted: TaskTrackerToken,
}

impl OpenStream {
    pub(super) fn new(
        req: &HttpRequest,
        kind: ConnectionKind,
        lifeline: Option<&Lifeline>,
        permit: Option<Permit>,
    ) -> Self {
        let drain = lifeline.map(|lifeline| Drained {
            token: lifeline.draining.clone(),
            draining: Box::pin(lifeline.draining.clone().cancelled_owned()),
            spread: lifeline.spread,
            _counted: lifeline.open.token(),
        });
        let rates = lifeline.map(|lifeline| lifeline.gate.socket_rates()).unwrap_or_default();
        Self { drain, observed: Rc::new(Observed::begin(req, kind)), rates, _permit: permit }
    }

    /// Ready when the server drains, with a random part of the spread for this client.
    pub(crate) fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        match &mut self.drain {
            Some(drain) => {
                drain.draining.as_mut().poll(cx).map(|()| drain.spread.mul_f64(rand::random()))
            }
            None => Poll::Pending,
        }
    }

    /// Whether the server drains. Cheaper than to ask again for a wake that is asked for already.
    pub(crate) fn is_draining(&self) -> bool {
        self.drain.as_ref().is_some_and(|drain| drain.token.is_cancelled())
    }

    /// How fast the client may send, if it is a socket.
    pub(crate) fn socket_rates(&self) -> SocketRates {
        self.rates
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
