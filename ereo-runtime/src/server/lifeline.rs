//! What the connections of one server share: put into actix's connection data, so that routes and
//! server need no global to find each other.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::limits::{Gate, Limits};
use super::worker::Workers;

/// Whether a server drains, which clients are there, and how many more may come.
#[derive(Debug)]
pub(crate) struct Lifeline {
    pub(super) draining: CancellationToken,
    pub(super) open: TaskTracker,
    /// The drained clients come back spread over this time.
    pub(super) spread: Duration,
    pub(super) gate: Gate,
    /// Whether streams may leave actix's dispatcher; see [`lean`](super::lean).
    pub(super) lean: bool,
    pub(super) workers: Workers,
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
        Self { draining, open, spread, gate: Gate::new(limits), lean, workers }
    }

    /// The lifeline of the request's connection, if its server is `.realtime(..)`.
    pub(super) fn of(req: &HttpRequest) -> Option<&Arc<Self>> {
        req.conn_data()
    }
}
