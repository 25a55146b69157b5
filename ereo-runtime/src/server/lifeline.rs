//! What the connections of one server share: put into actix's connection data, so that routes and
//! server need no global to find each other.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::HttpRequest;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::limits::{Gate, Limits};
use super::worker::Workers;
use crate::sync::lock;

/// Whether a server drains, which clients are there, and how many more may come.
#[derive(Debug)]
pub(crate) struct Lifeline {
    pub(super) draining: CancellationToken,
    pub(super) open: TaskTracker,
    /// The drained clients come back spread over this time.
    pub(super) spread: Duration,
    pub(super) gate: Gate,
    /// Whether streams may leave actix's dispatcher; see [`lean`](super::lean).
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "elsewhere none can"))]
    pub(super) lean: bool,
    pub(super) workers: Workers,
    /// The patterns of routes that have had a connection: each connection names one.
    routes: Mutex<HashSet<Arc<str>>>,
}

impl Lifeline {
    pub(super) fn new(
        draining: CancellationToken,
        open: TaskTracker,
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
            lean,
            workers,
            routes: Mutex::default(),
        }
    }

    /// The pattern once for all of its connections.
    pub(super) fn route(&self, pattern: &str) -> Arc<str> {
        let mut routes = lock(&self.routes);
        if let Some(route) = routes.get(pattern) {
            return Arc::clone(route);
        }
        let route: Arc<str> = pattern.into();
        routes.insert(Arc::clone(&route));
        route
    }

    /// The lifeline of the request's connection, if its server is `.realtime(..)`.
    pub(super) fn of(req: &HttpRequest) -> Option<&Arc<Self>> {
        req.conn_data()
    }
}
