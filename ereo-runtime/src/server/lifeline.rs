//! State that the connections of one server share: put into actix's connection data, so that routes and
//! server need no global to find each other.

use std::cell::OnceCell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::Version;
use tokio_util::sync::CancellationToken;

use super::limits::{Gate, Limits};
use super::observe::Route;
use super::open::Open;
use super::origin::Origins;
use crate::block_slab::BlockSlab;
use crate::broadcast::Everywhere;
use crate::sync::lock;
use crate::takeover::{Plain, Tap};
use crate::worker::Workers;

/// The clients of a server that says nothing else come back spread over this time.
pub(super) const SPREAD: Duration = Duration::from_secs(2);

/// What stands in a connection's data. One thing: actix has a box for each.
#[derive(Debug)]
pub(crate) struct Connected {
    pub(super) lifeline: Arc<Lifeline>,
    /// What taken-over connections share on each thread.
    plain: Option<Plain>,
    /// Where it is on the lifeline's list, once it carries an event stream or a socket.
    carrier: OnceCell<u32>,
}

impl Connected {
    pub(super) fn new(lifeline: Arc<Lifeline>, plain: Option<Plain>) -> Self {
        Self { lifeline, plain, carrier: OnceCell::new() }
    }

    /// It carries an event stream or a socket from now on: its buffer is bounded, and it can be cut as long
    /// as actix has it.
    pub(super) fn carries(&self, version: Version) {
        let Some(plain) = self.plain else { return };
        plain.bound(self.lifeline.send_buffer);
        // Over HTTP/2 it carries other requests as well.
        if version < Version::HTTP_2 {
            self.carrier.get_or_init(|| lock(&self.lifeline.carriers).insert(plain));
        }
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        if let Some(place) = self.carrier.get() {
            lock(&self.lifeline.carriers).remove(*place);
        }
    }
}

/// Whether a server drains, which clients are there, and how many more may come.
#[derive(Debug)]
pub(crate) struct Lifeline {
    pub(super) draining: CancellationToken,
    pub(super) open: Arc<Open>,
    /// The drained clients come back spread over this time.
    pub(super) spread: Duration,
    pub(super) gate: Gate,
    /// The sets that the connections are in.
    pub(super) everywhere: Everywhere,
    /// Pages that may open the sockets whose route does not say it.
    pub(super) origins: Origins,
    /// Whether streams may leave actix's dispatcher; see [`takeover`](crate::takeover).
    #[cfg_attr(
        not(all(target_os = "linux", feature = "direct-writes")),
        expect(dead_code, reason = "elsewhere none can")
    )]
    direct_writes: bool,
    /// Bytes that are asked of the system for what one connection is sent.
    pub(super) send_buffer: usize,
    pub(super) workers: Arc<Workers>,
    /// The connections of event streams and sockets that are in actix's hands.
    carriers: Mutex<BlockSlab<Plain>>,
    /// Those that have had a connection.
    routes: Mutex<Vec<Arc<Route>>>,
    #[cfg(feature = "inspector")]
    pub(super) registry: Arc<super::registry::Registry>,
}

impl Lifeline {
    pub(super) fn new(
        draining: CancellationToken,
        open: Arc<Open>,
        spread: Duration,
        limits: Limits,
        direct_writes: bool,
        send_buffer: usize,
    ) -> Self {
        let workers = Arc::new(Workers::new(draining.clone()));
        Self {
            draining,
            open,
            spread,
            gate: Gate::new(limits),
            everywhere: Everywhere::default(),
            origins: Origins::same_host(),
            direct_writes,
            send_buffer,
            workers,
            carriers: Mutex::new(BlockSlab::new()),
            routes: Mutex::default(),
            #[cfg(feature = "inspector")]
            registry: Arc::default(),
        }
    }

    /// Cuts the connections that actix has not let go of: it does not ask a stream whose peer does not
    /// read, and would wait for it.
    pub(super) fn cut(&self) {
        lock(&self.carriers).iter_mut().for_each(|plain| plain.cut());
    }

    /// The route of this pattern, once for all of its connections.
    pub(super) fn route(&self, pattern: String) -> Arc<Route> {
        let mut routes = lock(&self.routes);
        if let Some(route) = routes.iter().find(|route| route.pattern() == pattern) {
            return Arc::clone(route);
        }
        let route = Arc::new(Route::new(pattern));
        routes.push(Arc::clone(&route));
        route
    }

    /// Where the takeover would begin for the request's connection; `None` where actix must write: TLS, HTTP/2
    /// or 1.0, no TCP, not wanted, or a system that cannot tell what a socket has taken.
    #[cfg(all(target_os = "linux", feature = "direct-writes"))]
    pub(crate) fn tap(req: &HttpRequest) -> Option<Tap> {
        let Connected { lifeline, plain, .. } = req.conn_data()?;
        if !lifeline.direct_writes || req.version() != Version::HTTP_11 {
            return None;
        }
        Tap::of((*plain)?, Arc::clone(&lifeline.workers))
    }

    /// `None`: actix writes.
    #[cfg(not(all(target_os = "linux", feature = "direct-writes")))]
    pub(crate) fn tap(_: &HttpRequest) -> Option<Tap> {
        None
    }

    /// The lifeline of the request's connection, if its server is `.realtime(..)`.
    pub(super) fn of(req: &HttpRequest) -> Option<&Arc<Self>> {
        req.conn_data::<Connected>().map(|connected| &connected.lifeline)
    }
}
