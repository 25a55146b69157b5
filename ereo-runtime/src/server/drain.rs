//! How a server stops: streams end by themselves, then actix stops, all within a given time.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::timeout;

use super::lifeline::Lifeline;

type Signal = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How a server drains; for [`HttpServerExt::realtime`](super::HttpServerExt::realtime).
///
/// On SIGTERM, SIGINT (or a future of yours) new streams are refused with 503 and `Retry-After`,
/// open event streams end with a `retry:` that spreads the clients' return, and actix stops. A
/// stream that cannot end, as its client does not read, is cut when the time is over.
#[must_use]
pub struct Drain {
    within: Duration,
    spread: Duration,
    signal: Option<Signal>,
}

impl Drain {
    /// Everything is over within this time after the signal.
    pub fn within(within: Duration) -> Self {
        Self { within, spread: Duration::from_secs(2), signal: None }
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

    pub(super) fn lifeline(&self) -> Lifeline {
        Lifeline::new(self.spread)
    }

    /// Seconds that actix may take after the streams had their share: actix counts whole ones.
    pub(super) fn shutdown_timeout(&self) -> u64 {
        (self.within / 2).as_secs()
    }

    /// Completes when actix may stop: the streams are gone, or have had their share of the time.
    pub(super) async fn run(self, lifeline: Lifeline) {
        let share = self.within - Duration::from_secs(self.shutdown_timeout());
        match self.signal {
            Some(signal) => signal.await,
            None => stop_signal().await,
        }
        tracing::info!(open = lifeline.open.len(), "draining");
        lifeline.draining.cancel();
        lifeline.open.close();
        match timeout(share, lifeline.open.wait()).await {
            Ok(()) => tracing::info!("all streams have ended"),
            Err(_) => tracing::warn!(open = lifeline.open.len(), "streams are cut: out of time"),
        }
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
