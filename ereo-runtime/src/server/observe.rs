//! Telemetry of a connection: a `tracing` span, and counters of the `metrics` facade. The names are in the docs of
//! [`server`](super).

use std::cell::Cell;
use std::sync::Arc;

use crate::compact_instant::CompactInstant;
use crate::meters::{counter, gauge, histogram};
use actix_web::HttpRequest;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Span, debug, info, info_span};

use super::client_address::ClientAddress;
use super::how::How;
use super::lifeline::Lifeline;
#[cfg(feature = "inspector")]
use super::registry::Registered;

/// What a connection is, as the label `kind` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionKind {
    Sse,
    WebSocket,
}

impl ConnectionKind {
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Sse => "sse",
            Self::WebSocket => "websocket",
        }
    }
}

/// So many messages are counted before they are told: a counter costs more than an addition.
const TELL_EVERY: u32 = 64;

/// Of a connection that nobody traces.
const UNTRACED: &Span = &Span::none();

/// What the connections of one route have in common.
#[derive(Debug)]
pub(super) struct Route {
    pattern: String,
    /// A moment before the first of them.
    since: Instant,
}

impl Route {
    pub(super) fn new(pattern: String) -> Self {
        Self { pattern, since: Instant::now() }
    }

    pub(super) fn pattern(&self) -> &str {
        &self.pattern
    }
}

/// One connection; ends when it is dropped. In few bytes: every connection has one.
#[derive(Debug)]
pub struct Observed {
    kind: ConnectionKind,
    how: Cell<How>,
    /// Messages that it did not get for it was too slow; no more than can be counted.
    missed: Cell<u32>,
    route: Arc<Route>,
    /// Where somebody traces it. Boxed, for a span is large, and there are many connections.
    span: Option<Box<Span>>,
    /// Since [`Route::since`].
    began: CompactInstant,
    bytes: Cell<u64>,
    messages: Cell<u64>,
    untold: Cell<Untold>,
    /// As the inspector sees it.
    #[cfg(feature = "inspector")]
    registered: Option<Arc<Registered>>,
}

/// What of bytes and messages the metrics have not been told yet.
#[derive(Debug, Clone, Copy, Default)]
struct Untold {
    bytes: u32,
    messages: u32,
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
        if !span.is_disabled()
            && let Some(peer) = ClientAddress::of(req).known()
        {
            span.record("peer", tracing::field::display(peer));
        }
        counter!("ereo_connections_total", "kind" => label, "route" => route.clone()).increment(1);
        gauge!("ereo_connections_open", "kind" => label, "route" => route.clone()).increment(1.0);
        let route = match Lifeline::of(req) {
            Some(lifeline) => lifeline.route(route),
            None => Arc::new(Route::new(route)),
        };
        let began = CompactInstant::new(route.since, Instant::now());
        #[cfg(feature = "inspector")]
        let registered = Registered::begin(req, kind, &route, began.instant(route.since));
        Self {
            kind,
            how: Cell::new(How::Refused),
            missed: Cell::default(),
            route,
            span: (!span.is_disabled()).then(|| Box::new(span)),
            began,
            bytes: Cell::default(),
            messages: Cell::default(),
            untold: Cell::default(),
            #[cfg(feature = "inspector")]
            registered,
        }
    }

    /// The span in which everything of the connection happens.
    pub(crate) fn span(&self) -> &Span {
        self.span.as_deref().unwrap_or(UNTRACED)
    }

    pub(super) fn began(&self) -> Instant {
        self.began.instant(self.route.since)
    }

    /// So many messages, or parts of one, go out.
    pub(crate) fn sent(&self, messages: u64, bytes: u64) {
        self.bytes.set(self.bytes.get() + bytes);
        self.messages.set(self.messages.get() + messages);
        #[cfg(feature = "inspector")]
        if let Some(registered) = &self.registered {
            registered.is_at(self.messages.get(), self.bytes.get());
        }
        let untold = self.untold.get().and(messages, bytes).unwrap_or_else(|| {
            self.tell();
            self.tell_of(messages, bytes);
            Untold::default()
        });
        self.untold.set(untold);
        if untold.messages >= TELL_EVERY {
            self.tell();
        }
    }

    /// The client sends faster than it may.
    pub(crate) fn is_too_fast(&self) {
        counter!("ereo_too_fast_total", &self.labels()).increment(1);
        self.note("closed", "too fast");
        info!(parent: self.span(), "the client sends faster than it may");
    }

    /// The client does not finish a message that it has begun.
    pub(crate) fn is_too_slow(&self) {
        counter!("ereo_too_slow_total", &self.labels()).increment(1);
        self.note("closed", "too slow");
        info!(parent: self.span(), "the client does not finish a message");
    }

    /// So much was replayed to the client's address that this one has to come again.
    pub(crate) fn is_replayed_too_much(&self) {
        count_refused(self.kind, "replay");
        self.note("refused", "replay");
        let [(_, kind), (_, route)] = self.labels();
        info!(
            parent: self.span(), kind, route, reason = "replay",
            "refused: the address was sent too much again; `Limits::replayed_bytes` is what it may have"
        );
    }

    /// The client was overtaken, and is `disconnected` for it or has `skipped` so many messages.
    pub(crate) fn lags(&self, outcome: &'static str, missed: u64) {
        let all = u32::try_from(missed).unwrap_or(u32::MAX);
        self.missed.set(self.missed.get().saturating_add(all));
        self.note("lagged", outcome);
        #[cfg(feature = "inspector")]
        if let Some(registered) = &self.registered {
            registered.misses(missed);
        }
        let labels = self.labels();
        counter!("ereo_missed_total", &labels).increment(missed);
        let [kind, route] = labels;
        let labels = [kind, route, ("outcome", outcome.to_owned())];
        counter!("ereo_lagged_total", &labels).increment(1);
    }

    /// It ends with its client's credentials.
    pub(crate) fn expires(&self) {
        self.ends(How::Expired);
        self.note("expired", "credentials");
        counter!("ereo_expired_total", &self.labels()).increment(1);
    }

    /// It is ended by name.
    pub(crate) fn is_disconnected(&self) {
        self.ends(How::Disconnected);
        self.note("closed", "disconnected");
        counter!("ereo_disconnected_total", &self.labels()).increment(1);
    }

    /// The client is told that messages are missing.
    pub(crate) fn is_reset(&self, reason: &'static str) {
        self.note("reset", reason);
    }

    /// Tells the inspector that something went wrong.
    fn note(&self, kind: &'static str, reason: &'static str) {
        #[cfg(feature = "inspector")]
        if let Some(registered) = &self.registered {
            registered.problem(kind, reason);
        }
        #[cfg(not(feature = "inspector"))]
        let _ = (kind, reason);
    }

    /// As the inspector sees it, if it does.
    #[cfg(feature = "inspector")]
    pub(super) fn registered(&self) -> Option<&Arc<Registered>> {
        self.registered.as_ref()
    }

    /// Whether it ends for its source has.
    pub(crate) fn has_finished(&self) -> bool {
        self.how.get() == How::Ended
    }

    /// How it ends, as far as that is known by now; refused by its route before anything else.
    pub(crate) fn ends(&self, how: How) {
        self.how.set(how);
    }

    fn labels(&self) -> [(&'static str, String); 2] {
        [("kind", self.kind.label().to_owned()), ("route", self.route.pattern.clone())]
    }

    fn tell(&self) {
        let Untold { bytes, messages } = self.untold.take();
        self.tell_of(messages.into(), bytes.into());
    }

    fn tell_of(&self, messages: u64, bytes: u64) {
        let labels = self.labels();
        counter!("ereo_sent_bytes_total", &labels).increment(bytes);
        counter!("ereo_sent_messages_total", &labels).increment(messages);
    }
}

impl Untold {
    /// None if that is more than can be counted.
    fn and(self, messages: u64, bytes: u64) -> Option<Self> {
        let messages = self.messages.checked_add(messages.try_into().ok()?)?;
        let bytes = self.bytes.checked_add(bytes.try_into().ok()?)?;
        Some(Self { bytes, messages })
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.tell();
        let labels = self.labels();
        let seconds = self.began().elapsed().as_secs_f64();
        gauge!("ereo_connections_open", &labels).decrement(1.0);
        histogram!("ereo_connection_seconds", &labels).record(seconds);
        let how = match self.how.get() {
            // Its route has not refused it: the function has panicked before there was an answer.
            How::Refused if std::thread::panicking() => How::Panicked,
            how => how,
        };
        if let Some((kind, reason)) = how.problem() {
            self.note(kind, reason);
        }
        #[cfg(feature = "inspector")]
        if let Some(registered) = &self.registered {
            registered.ends();
        }
        let how = how.label();
        let (bytes, messages, missed) = (self.bytes.get(), self.messages.get(), self.missed.get());
        let span = self.span();
        span.record("how", how).record("bytes", bytes).record("messages", messages);
        span.record("missed", missed).record("seconds", seconds);
        // All of it stands in the span.
        debug!(parent: span, "connection ended");
    }
}

/// A client is not taken.
pub(super) fn refused(req: &HttpRequest, kind: ConnectionKind, reason: &'static str) {
    let route = route_of(req);
    count_refused(kind, reason);
    note_refused(req, reason);
    let kind = kind.label();
    info!(kind, route, peer = %ClientAddress::of(req), reason, "refused");
}

/// Tells the inspector of a client that is not taken.
pub(crate) fn note_refused(req: &HttpRequest, reason: &'static str) {
    #[cfg(feature = "inspector")]
    if let Some(lifeline) = Lifeline::of(req) {
        lifeline.registry.problem("refused", reason, &route_of(req));
    }
    #[cfg(not(feature = "inspector"))]
    let _ = (req, reason);
}

/// Counts a client that is not taken.
pub(crate) fn count_refused(kind: ConnectionKind, reason: &'static str) {
    counter!("ereo_refused_total", "kind" => kind.label(), "reason" => reason).increment(1);
}

/// The pattern, not the path: a label must not have as many values as there are rooms.
fn route_of(req: &HttpRequest) -> String {
    req.match_pattern().unwrap_or_default()
}
