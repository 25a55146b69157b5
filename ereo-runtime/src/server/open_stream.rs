//! One open event stream or socket: counted, told of the drain, and observed until it is dropped.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpRequest;
use tokio::time::Instant;

use super::lifeline::{Lifeline, SPREAD};
use super::limits::{Owing, Permit, SocketRates};
use super::observe::{ConnectionKind, Observed};
#[cfg(feature = "inspector")]
use crate::broadcast::ConnectionHandle;
use crate::broadcast::Everywhere;
use crate::charge::Payer;
use crate::ending::Ending;
use crate::fanout::Sink;
#[cfg(feature = "inspector")]
use crate::progress::Readings;
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

    /// Takes so many bytes of what may be replayed to the client's address.
    ///
    /// # Errors
    /// How long it takes until there are as many, and a random part of the spread.
    pub(crate) fn replays(&self, bytes: u64) -> Result<(), Duration> {
        let Some(permit) = &self.permit else { return Ok(()) };
        permit.replays(bytes).map_err(|wait| {
            self.observed.is_replayed_too_much();
            wait + self.apart()
        })
    }

    /// What a stream of the user's own is charged to, for what it reads of sets.
    pub(crate) fn tab(&self) -> Rc<Tab> {
        let owing = self.permit.as_ref().map(Permit::owing);
        Rc::new(Tab {
            owing,
            refused: Cell::new(None),
            told: RefCell::new(None),
            #[cfg(feature = "inspector")]
            readings: self.readings(),
        })
    }

    /// The sets that the server's connections are in.
    pub(crate) fn everywhere(&self) -> Option<&Everywhere> {
        self.lifeline().map(|lifeline| &lifeline.everywhere)
    }

    /// How fast the client may send, if it is a socket.
    pub(crate) fn socket_rates(&self) -> SocketRates {
        self.lifeline().map(|lifeline| lifeline.gate.socket_rates()).unwrap_or_default()
    }

    /// What is known of the connection, for those who send over it.
    pub(crate) fn observed(&self) -> &Observed {
        &self.observed
    }

    /// Where the connection's readers say how far they are, if it is listed.
    #[cfg(feature = "inspector")]
    pub(crate) fn readings(&self) -> Option<Arc<Readings>> {
        Some(Arc::clone(self.observed.registered()?.readings()))
    }

    /// The connection is listed under the name of `handle`, and can be ended by it.
    #[cfg(feature = "inspector")]
    pub(crate) fn is_named(&self, handle: &ConnectionHandle) {
        if let Some(registered) = self.observed.registered() {
            registered.is_named(handle);
        }
    }

    /// Whether the inspector lists it.
    #[cfg(feature = "inspector")]
    pub(crate) fn is_listed(&self) -> bool {
        self.observed.registered().is_some()
    }

    /// Relays send over this; whether the connection has left actix.
    pub(crate) fn goes_over(&self, sink: &Arc<dyn Sink>) {
        #[cfg(feature = "inspector")]
        if let Some(registered) = self.observed.registered() {
            registered.goes_over(sink);
            if !sink.is_polled_by_actix() {
                registered.leaves_actix();
            }
        }
        #[cfg(not(feature = "inspector"))]
        let _ = sink;
    }

    pub(crate) fn began(&self) -> Instant {
        self.observed.began()
    }
}

/// What a stream of the user's own is sent again.
#[derive(Debug)]
pub struct Tab {
    /// Of a server that counts.
    owing: Option<Owing>,
    refused: Cell<Option<Duration>>,
    told: RefCell<Option<Ending>>,
    #[cfg(feature = "inspector")]
    readings: Option<Arc<Readings>>,
}

impl Tab {
    /// How long it takes until the client may have what its stream was refused, if it was.
    pub(crate) fn refused(&self) -> Option<Duration> {
        self.refused.get()
    }

    /// How a set that its stream reads has ended it, if one has.
    pub(crate) fn told(&self) -> Option<Ending> {
        self.told.borrow().clone()
    }
}

impl Payer for Tab {
    fn pay(self: Rc<Self>, bytes: u64) -> Result<(), Duration> {
        let Some(owing) = &self.owing else { return Ok(()) };
        owing.replays(bytes).inspect_err(|wait| self.refused.set(Some(*wait)))
    }

    fn end(self: Rc<Self>, ending: &Ending) {
        self.told.borrow_mut().get_or_insert_with(|| ending.clone());
    }

    #[cfg(feature = "inspector")]
    fn readings(&self) -> Option<Arc<Readings>> {
        self.readings.clone()
    }

    fn joins(&self, set: &dyn Any) {
        if let (Some(owing), Some(set)) = (&self.owing, set.downcast_ref()) {
            owing.everywhere().knows(set);
        }
    }
}

impl fmt::Debug for OpenStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenStream").field("observed", &self.observed).finish_non_exhaustive()
    }
}
