//! What the connections of one server share: put into actix's connection data, so that routes and
//! server need no global to find each other.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::HttpRequest;
use tokio_util::sync::CancellationToken;

use super::lean::Plain;
use super::limits::{Gate, Limits};
use super::observe::Route;
use super::open::Open;
use super::worker::Workers;
use crate::sync::lock;
use crate::websocket::Origins;

/// What stands in a connection's data. One thing: actix has a box for each.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) lifeline: Arc<Lifeline>,
    /// What the lean path goes over.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "elsewhere there is none"))]
    pub(super) plain: Option<Plain>,
}

/// Whether a server drains, which clients are there, and how many more may come.
#[derive(Debug)]
pub(crate) struct Lifeline {
    pub(super) draining: CancellationToken,
    pub(super) open: Arc<Open>,
    /// The drained clients come back spread over this time.
    pub(super) spread: Duration,
    pub(super) gate: Gate,
    /// Pages that may open the sockets whose route does not say it.
    pub(super) origins: Origins,
    /// Whether streams may leave actix's dispatcher; see [`lean`](super::lean).
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "elsewhere none can"))]
    pub(super) lean: bool,
    pub(super) workers: Workers,
    /// Those that have had a connection.
    routes: Mutex<Vec<Arc<Route>>>,
}

impl Lifeline {
    pub(super) fn new(
        draining: CancellationToken,
        open: Arc<Open>,
        spread: Duration,
        limits: Limits,
        lean: bool,
    ) -> Self {
        let workers = Workers::new(draining.clone());
        Self {
            draining,
            open,
            spread,
            gate: Gate::new(limits),
            origins: Origins::same_host(),
            lean,
            workers,
            routes: Mutex::default(),
        }
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

    /// The lifeline of the request's connection, if its server is `.realtime(..)`.
    pub(super) fn of(req: &HttpRequest) -> Option<&Arc<Self>> {
        req.conn_data::<Connected>().map(|connected| &connected.lifeline)
    }
}
