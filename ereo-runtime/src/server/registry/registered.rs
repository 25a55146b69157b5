//! One connection in the registry.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use actix_web::HttpRequest;
use tokio::time::Instant;

use super::{Registry, Unlisted};
use crate::broadcast::{ConnectionHandle, WeakHandle};
use crate::ending::Ending;
use crate::fanout::Sink;
use crate::progress::Readings;
use crate::server::client_address::ClientAddress;
use crate::server::lifeline::Lifeline;
use crate::server::observe::{ConnectionKind, Route};
use crate::sync::lock;
use crate::wire::ClientId;

/// What other threads see of a connection.
#[derive(Debug)]
pub(crate) struct Registered {
    registry: Arc<Registry>,
    /// Where it stands there; unset for a moment at its beginning.
    place: OnceLock<u32>,
    kind: ConnectionKind,
    route: Arc<Route>,
    peer: ClientAddress,
    began: Instant,
    is_lean: AtomicBool,
    messages: AtomicU64,
    bytes: AtomicU64,
    missed: AtomicU64,
    /// Messages that were seen by the last look at it.
    seen: AtomicU64,
    readings: Arc<Readings>,
    /// What relays have sent over it, until its writer counts that.
    sink: Mutex<Option<Weak<dyn Sink>>>,
    handle: OnceLock<WeakHandle>,
}

impl Registered {
    /// A connection that begins; none where nobody lists it.
    pub(in crate::server) fn begin(
        req: &HttpRequest,
        kind: ConnectionKind,
        route: &Arc<Route>,
        began: Instant,
    ) -> Option<Arc<Self>> {
        let lifeline = Lifeline::of(req)?;
        if req.app_data::<Unlisted>().is_some() {
            return None;
        }
        let peer = ClientAddress::of(req);
        Some(Self::listed(&lifeline.registry, kind, route, peer, began))
    }

    pub(super) fn listed(
        registry: &Arc<Registry>,
        kind: ConnectionKind,
        route: &Arc<Route>,
        peer: ClientAddress,
        began: Instant,
    ) -> Arc<Self> {
        let registered = Arc::new(Self {
            registry: Arc::clone(registry),
            place: OnceLock::new(),
            kind,
            route: Arc::clone(route),
            peer,
            began,
            is_lean: AtomicBool::new(false),
            messages: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            missed: AtomicU64::new(0),
            seen: AtomicU64::new(0),
            readings: Arc::default(),
            sink: Mutex::new(None),
            handle: OnceLock::new(),
        });
        let place = registered.registry.enter(&registered);
        registered.place.get_or_init(|| place);
        registered
    }

    /// It has ended.
    pub(in crate::server) fn ends(&self) {
        if let Some(place) = self.place.get() {
            let (messages, bytes) = self.sent();
            self.registry.leave(*place, messages, bytes);
        }
    }

    /// So much was sent, so many messages were missed, all in all.
    pub(in crate::server) fn is_at(&self, messages: u64, bytes: u64) {
        self.messages.store(messages, Ordering::Relaxed);
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    pub(in crate::server) fn misses(&self, missed: u64) {
        self.missed.fetch_add(missed, Ordering::Relaxed);
    }

    pub(in crate::server) fn leaves_actix(&self) {
        self.is_lean.store(true, Ordering::Relaxed);
    }

    /// Relays send over this.
    pub(in crate::server) fn goes_over(&self, sink: &Arc<dyn Sink>) {
        let before = lock(&self.sink).replace(Arc::downgrade(sink));
        drop(before);
    }

    /// By this it can be ended.
    pub(in crate::server) fn is_named(&self, handle: &ConnectionHandle) {
        self.handle.get_or_init(|| handle.downgrade());
    }

    pub(in crate::server) fn problem(&self, kind: &'static str, reason: &'static str) {
        self.registry.problem(kind, reason, self.route.pattern());
    }

    pub(crate) fn readings(&self) -> &Arc<Readings> {
        &self.readings
    }

    /// Its name; none while it begins.
    pub(crate) fn id(&self) -> Option<ClientId> {
        self.handle.get().map(WeakHandle::id)
    }

    pub(crate) fn kind(&self) -> &'static str {
        self.kind.label()
    }

    pub(crate) fn route(&self) -> &str {
        self.route.pattern()
    }

    pub(crate) fn peer(&self) -> String {
        self.peer.to_string()
    }

    pub(crate) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }

    pub(crate) fn is_lean(&self) -> bool {
        self.is_lean.load(Ordering::Relaxed)
    }

    pub(crate) fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }

    /// Messages and bytes that went out, those of relays included.
    pub(crate) fn sent(&self) -> (u64, u64) {
        let sink = lock(&self.sink).clone();
        let (messages, bytes) =
            sink.and_then(|sink| sink.upgrade()).map_or((0, 0), |sink| sink.uncounted());
        let own = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (own(&self.messages) + messages, own(&self.bytes) + bytes)
    }

    /// Messages since this was last asked, of `messages` in all.
    pub(crate) fn lately(&self, messages: u64) -> u64 {
        messages.saturating_sub(self.seen.swap(messages, Ordering::Relaxed))
    }

    /// Ends the connection; whether it was told.
    pub(crate) fn end(&self, ending: &Ending) -> bool {
        self.handle.get().is_some_and(|handle| handle.close(ending))
    }
}
