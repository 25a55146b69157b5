//! What a connection knows of the server's drain: put into actix's connection data, so that routes
//! and server need no global to find each other.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Shared by a server's connections: whether it drains, and which streams are open.
#[derive(Debug, Clone)]
pub(crate) struct Lifeline {
    pub(super) draining: CancellationToken,
    pub(super) open: TaskTracker,
    /// The drained clients come back spread over this time.
    pub(super) spread: Duration,
}

impl Lifeline {
    pub(super) fn new(spread: Duration) -> Self {
        Self { draining: CancellationToken::new(), open: TaskTracker::new(), spread }
    }

    /// The lifeline of the request's connection, if its server is `.realtime(..)`.
    pub(crate) fn of(req: &HttpRequest) -> Option<&Self> {
        req.conn_data()
    }

    /// A new stream, unless the server drains.
    pub(crate) fn open(&self) -> Option<OpenStream> {
        if self.draining.is_cancelled() {
            return None;
        }
        Some(OpenStream {
            draining: Box::pin(self.draining.clone().cancelled_owned()),
            spread: self.spread,
            _counted: self.open.token(),
        })
    }

    /// 503 with `Retry-After`: this server stops, another or its successor will serve.
    pub(crate) fn refusal(&self) -> HttpResponse {
        let seconds = self.spread.as_secs().max(1);
        HttpResponse::ServiceUnavailable()
            .insert_header((header::RETRY_AFTER, seconds.to_string()))
            .body("the server is stopping")
    }
}

/// One open stream; the drain waits until it is dropped.
pub(crate) struct OpenStream {
    draining: Pin<Box<WaitForCancellationFutureOwned>>,
    spread: Duration,
    _counted: TaskTrackerToken,
}

impl OpenStream {
    /// Ready when the server drains, with a random part of the spread for this client.
    pub(crate) fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        self.draining.as_mut().poll(cx).map(|()| self.spread.mul_f64(rand::random()))
    }
}
