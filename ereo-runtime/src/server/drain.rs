//! The orderly end of a server: streams end by themselves, then actix stops, all within a given time.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::lifeline::{Lifeline, SPREAD};
use super::limits::Limits;
use super::open::Open;
use crate::broadcast::stores_have_all;

/// What is left of the time when actix should have stopped: for [`CUT`], for the 300 ms that actix sleeps
/// behind its end, and for threads to end.
const RESERVE: Duration = Duration::from_millis(600);

/// How long what was broadcast may take to be in the stores of its sets: the last handle of a store waits as well.
const FLUSH: Duration = Duration::from_secs(5);

/// How long streams may take to end whose connections are cut.
const CUT: Duration = Duration::from_millis(100);

type Signal = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How a server drains; for [`HttpServerExt::realtime`](super::HttpServerExt::realtime).
///
/// On SIGTERM, SIGINT (or a future of yours, or [`DrainHandle::begin`]) new clients are refused with
/// 503 and `Retry-After`, open event streams end with a `retry:` that spreads the clients' return,
/// sockets are closed with 1012, and actix stops. A client that cannot be ended, as it does not read,
/// is cut when the time is over. What was broadcast and the store of a set has not taken yet is waited for meanwhile, for
/// five seconds and half of the clients' share of the time at the most: a store that is down does not hold the end up.
///
/// ```no_run
/// use ereo_runtime::prelude::*;
///
/// # async fn run() -> std::io::Result<()> {
/// // Clients come back over 5 s, and those who do not leave are cut after 20 s.
/// let drain = Drain::within(Duration::from_secs(20)).spread(Duration::from_secs(5));
/// HttpServer::new(App::new).realtime(drain).bind("127.0.0.1:8080")?.run().await
/// # }
/// ```
#[must_use]
pub struct Drain {
    within: Duration,
    spread: Duration,
    signal: Option<Signal>,
    handle: DrainHandle,
}

impl Drain {
    /// Everything is over within this time after the signal: about half of it for event streams and
    /// sockets to end, and the rest for actix, which counts in whole seconds and takes 1.3 s at least where
    /// it has a connection left. With less than two seconds that is too long where such a connection
    /// can be neither ended nor cut: one that is no stream, or that is not plain TCP on Linux.
    pub fn within(within: Duration) -> Self {
        let handle = DrainHandle { begun: CancellationToken::new(), open: Arc::default() };
        Self { within, spread: SPREAD, signal: None, handle }
    }

    /// The clients come back spread over this time, on top of their `retry`; 2 s by default.
    pub fn spread(mut self, spread: Duration) -> Self {
        self.spread = spread;
        self
    }

    /// Drains when `signal` completes, instead of on SIGTERM or SIGINT.
    pub fn on(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.signal = Some(Box::pin(signal));
        self
    }

    /// A handle to see how it goes: for a health route, or to begin the drain from code.
    pub fn handle(&self) -> DrainHandle {
        self.handle.clone()
    }

    /// Without ears for the process's signals, where it has no future of its own.
    #[cfg(feature = "test")]
    pub(super) fn deaf(mut self) -> Self {
        self.signal.get_or_insert_with(|| Box::pin(std::future::pending()));
        self
    }

    pub(super) fn lifeline(
        &self,
        limits: Limits,
        direct_writes: bool,
        send_buffer: usize,
    ) -> Lifeline {
        let DrainHandle { begun, open } = self.handle();
        Lifeline::new(begun, open, self.spread, limits, direct_writes, send_buffer)
    }

    /// Seconds for which actix may wait after the clients had their share.
    fn seconds(&self) -> u64 {
        (self.within.saturating_sub(RESERVE) / 2).as_secs()
    }

    /// The same as actix is to be told it: it looks every second, for the first time after one, and a
    /// timeout of one second could just be not over then.
    pub(super) fn shutdown_timeout(&self) -> u64 {
        Some(self.seconds()).filter(|seconds| *seconds > 1).unwrap_or(0)
    }

    /// How long the clients have.
    fn share(&self) -> Duration {
        let actix = Duration::from_secs(self.seconds().max(1)) + RESERVE;
        self.within.saturating_sub(actix).max(self.within / 4)
    }

    /// Completes when actix may stop: the clients are gone, or have had their share of the time and are
    /// cut.
    pub(super) async fn run(self, lifeline: Arc<Lifeline>) {
        let share = self.share();
        let signal = async {
            match self.signal {
                Some(signal) => signal.await,
                None => stop_signal().await,
            }
        };
        let handle = self.handle;
        tokio::select! {
            () = signal => {}
            () = handle.begun() => {}
        }
        tracing::info!(open = handle.open_connections(), "draining");
        handle.begin();
        let (clients, ()) =
            tokio::join!(timeout(share, handle.open.deserted()), flush(share, stores_have_all()));
        match clients {
            Ok(()) => tracing::info!("all clients are gone"),
            Err(_) => {
                tracing::warn!(open = handle.open_connections(), "clients are cut: out of time");
                lifeline.cut();
                // Those that have left actix end with their threads.
                let _ = timeout(CUT, handle.open.deserted()).await;
            }
        }
    }
}

/// Waits for what was broadcast to be in the stores, in a time of its own within the clients' `share`.
async fn flush(share: Duration, stores_have_all: impl Future<Output = ()>) {
    if timeout(FLUSH.min(share / 2), stores_have_all).await.is_err() {
        tracing::error!(
            "the store of a set has not taken what was broadcast, and is not waited for any longer"
        );
    }
}

/// Sees how a server's drain goes; cheap to clone.
///
/// ```
/// use std::time::Duration;
/// use ereo_runtime::Drain;
/// let drain = Drain::within(Duration::from_secs(10));
/// let state = drain.handle();
/// assert!(state.is_ready());
/// state.begin();
/// assert!(!state.is_ready());
/// ```
#[derive(Debug, Clone)]
pub struct DrainHandle {
    begun: CancellationToken,
    open: Arc<Open>,
}

impl DrainHandle {
    /// Whether new clients are taken. [`ready`](crate::ready) is a route that tells a balancer, and knows of the
    /// sets' stores as well.
    pub fn is_ready(&self) -> bool {
        !self.begun.is_cancelled()
    }

    /// How many event streams and sockets are open.
    pub fn open_connections(&self) -> usize {
        self.open.count()
    }

    /// Begins the drain; the server stops after it.
    pub fn begin(&self) {
        self.begun.cancel();
    }

    /// Waits until the drain has begun.
    pub async fn begun(&self) {
        self.begun.cancelled().await;
    }

    /// Waits until the drain has begun and the last client is gone.
    pub async fn finished(&self) {
        self.begun().await;
        self.open.deserted().await;
    }
}

impl std::fmt::Debug for Drain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drain")
            .field("within", &self.within)
            .field("spread", &self.spread)
            .finish_non_exhaustive()
    }
}

/// SIGTERM or SIGINT. A signal that cannot be listened to is traced and never comes.
#[cfg(unix)]
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};

    async fn of(kind: SignalKind) {
        match signal(kind) {
            Ok(mut signal) => {
                if signal.recv().await.is_some() {
                    return;
                }
            }
            Err(error) => tracing::error!(%error, ?kind, "cannot listen to a stop signal"),
        }
        std::future::pending().await
    }
    tokio::select! {
        () = of(SignalKind::terminate()) => {}
        () = of(SignalKind::interrupt()) => {}
    }
}

/// Ctrl-C. If it cannot be listened to, that is traced and it never comes.
#[cfg(not(unix))]
async fn stop_signal() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!(%error, "cannot listen to Ctrl-C");
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_store_that_is_down_is_waited_for_in_a_time_of_its_own() {
        let shares = [(60, 5_000), (10, 5_000), (6, 3_000), (1, 500), (0, 0)];
        for (share, most) in shares {
            let begun = Instant::now();
            flush(Duration::from_secs(share), pending()).await;
            let took = begun.elapsed().as_millis();
            assert!((most..=most + 1).contains(&took), "{took} ms of {share} s");
        }
        let begun = Instant::now();
        flush(Duration::from_secs(60), ready(())).await;
        assert!(begun.elapsed().is_zero());
    }
}
