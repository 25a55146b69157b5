//! What is known of a connection: a `tracing` span, and counters of the `metrics` facade. The names are in the docs of
//! [`server`](super).

use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use actix_web::HttpRequest;
use metrics::{counter, gauge, histogram};
use tracing::field::Empty;
use tracing::{Span, info, info_span};

use super::lifeline::Lifeline;

/// What a connection is, as the label `kind` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionKind {
    Sse,
    WebSocket,
}

impl ConnectionKind {
    const fn label(self) -> &'static str {
        match self {
            Self::Sse => "sse",
            Self::WebSocket => "websocket",
        }
    }
}

/// So many messages are counted before they are told: a counter costs more than an addition.
const TELL_EVERY: u64 = 64;

/// One connection; ends when it is dropped.
#[derive(Debug)]
pub struct Observed {
    kind: ConnectionKind,
    route: Arc<str>,
    span: Span,
    began: Instant,
    bytes: Cell<u64>,
    messages: Cell<u64>,
    /// Messages that it did not get for it was too slow.
    missed: Cell<u64>,
    /// What of bytes and messages was told already.
    told: Cell<(u64, u64)>,
    how: Cell<&'static str>,
}

impl Observed {
    pub(super) fn begin(req: &HttpRequest, kind: ConnectionKind) -> Self {
        let (label, route) = (kind.label(), route_of(req));
        let span = info_span!(
            "connection",
            kind = label,
            route,
            peer = Empty,
            client = Empty,
            how = Empty,
            bytes = Empty,
            messages = Empty,
            missed = Empty,
            seconds = Empty,
        );
        if let Some(peer) = req.peer_addr() {
            span.record("peer", tracing::field::display(peer));
        }
        counter!("ereo_connections_total", "kind" => label, "route" => route.clone()).increment(1);
        gauge!("ereo_connections_open", "kind" => label, "route" => route.clone()).increment(1.0);
        Self {
            kind,
            route: match Lifeline::of(req) {
                Some(lifeline) => lifeline.route(&route),
                None => route.into(),
            },
            span,
            began: Instant::now(),
            bytes: Cell::default(),
            messages: Cell::default(),
            missed: Cell::default(),
            told: Cell::default(),
            how: Cell::new("refused"),
        }
    }

    /// The span in which everything of the connection happens.
    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// So many messages, or parts of one, go out.
    pub(crate) fn sent(&self, messages: u64, bytes: u64) {
        self.bytes.set(self.bytes.get() + bytes);
        self.messages.set(self.messages.get() + messages);
        if self.messages.get() - self.told.get().1 >= TELL_EVERY {
            self.tell();
        }
    }

    /// The client sends faster than it may.
    pub(crate) fn is_too_fast(&self) {
        counter!("ereo_too_fast_total", &self.labels()).increment(1);
        info!(parent: &self.span, "the client sends faster than it may");
    }

    /// The client was overtaken, and is `disconnected` for it or has `skipped` so many messages.
    pub(crate) fn lags(&self, outcome: &'static str, missed: u64) {
        self.missed.set(self.missed.get() + missed);
        let labels = self.labels();
        counter!("ereo_missed_total", &labels).increment(missed);
        let [kind, route] = labels;
        let labels = [kind, route, ("outcome", outcome.to_owned())];
        counter!("ereo_lagged_total", &labels).increment(1);
    }

    /// It ends with its client's credentials.
    pub(crate) fn expires(&self) {
        self.ends("expired");
        counter!("ereo_expired_total", &self.labels()).increment(1);
    }

    /// How it ends, as far as that is known by now; refused by its route before anything else.
    pub(crate) fn ends(&self, how: &'static str) {
        self.how.set(how);
    }

    fn labels(&self) -> [(&'static str, String); 2] {
        [("kind", self.kind.label().to_owned()), ("route", self.route.to_string())]
    }

    fn tell(&self) {
        let now = (self.bytes.get(), self.messages.get());
        let (bytes, messages) = self.told.replace(now);
        let labels = self.labels();
        counter!("ereo_sent_bytes_total", &labels).increment(now.0 - bytes);
        counter!("ereo_sent_messages_total", &labels).increment(now.1 - messages);
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.tell();
        let labels = self.labels();
        let seconds = self.began.elapsed().as_secs_f64();
        gauge!("ereo_connections_open", &labels).decrement(1.0);
        histogram!("ereo_connection_seconds", &labels).record(seconds);
        let (how, bytes, messages) = (self.how.get(), self.bytes.get(), self.messages.get());
        let missed = self.missed.get();
        self.span.record("how", how).record("bytes", bytes).record("messages", messages);
        self.span.record("missed", missed).record("seconds", seconds);
        info!(parent: &self.span, how, bytes, messages, missed, seconds, "connection ended");
    }
}

/// A stream is written to its socket directly from now on.
pub(super) fn leaves_actix(kind: ConnectionKind) {
    counter!("ereo_lean_total", "kind" => kind.label()).increment(1);
}

/// A client is not taken.
pub(super) fn refused(req: &HttpRequest, kind: ConnectionKind, reason: &'static str) {
    let (kind, route) = (kind.label(), route_of(req));
    counter!("ereo_refused_total", "kind" => kind, "reason" => reason).increment(1);
    info!(kind, route, peer = ?req.peer_addr(), reason, "refused");
}

/// The pattern, not the path: a label must not have as many values as there are rooms.
fn route_of(req: &HttpRequest) -> String {
    req.match_pattern().unwrap_or_default()
}
