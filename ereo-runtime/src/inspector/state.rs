//! What all workers of a server share of its inspector: the last snapshot, ten minutes to plot, and the set over
//! which the snapshots go.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use actix_web::HttpRequest;
use tokio::time::{Instant, sleep};

use super::rows::{Sample, Snapshot};
use super::snapshot::{self, Before};
use crate::broadcast::{ClientSet, Everywhere, OnLag};
use crate::route::Served;
use crate::server::Registry;
use crate::sync::lock;

/// How often there is a snapshot, while somebody looks.
const EVERY: Duration = Duration::from_secs(1);

/// Whoever asks within this time gets the snapshot that there is.
const FRESH: Duration = Duration::from_millis(900);

/// Ten minutes of samples.
const SAMPLES: usize = 600;

pub(super) struct State {
    /// It holds this.
    registry: Weak<Registry>,
    pub(super) everywhere: Everywhere,
    /// Snapshots as JSON.
    pub(super) snapshots: ClientSet<String>,
    /// Whether a task makes them.
    is_running: AtomicBool,
    made: Mutex<Made>,
}

#[derive(Default)]
struct Made {
    before: Before,
    samples: VecDeque<Sample>,
    last: Option<Last>,
}

#[derive(Clone)]
struct Last {
    at: Instant,
    snapshot: Arc<Snapshot>,
}

impl State {
    /// Of the request's server; none where it is not `.realtime(..)`.
    pub(super) fn of(req: &HttpRequest) -> Option<Arc<Self>> {
        let (registry, everywhere) = Registry::of(req)?;
        let own = Arc::downgrade(&registry);
        registry.attached(|| Self {
            registry: own,
            everywhere,
            // One that is not read in time is old.
            snapshots: ClientSet::builder().history(2).on_lag(OnLag::KeepLatest).build(),
            is_running: AtomicBool::new(false),
            made: Mutex::default(),
        })
    }

    pub(super) fn registry(&self) -> Arc<Registry> {
        // Whoever asks stands in a server that holds it; a task that outlives the server sees an empty one.
        self.registry.upgrade().unwrap_or_default()
    }

    /// The last snapshot, or a new one if that is not fresh, and the samples up to it.
    pub(super) fn fresh(&self, served: &Served) -> (Arc<Snapshot>, Vec<Sample>) {
        let mut made = lock(&self.made);
        let last = made.last.clone().filter(|last| last.at.elapsed() < FRESH);
        let snapshot = last.map_or_else(|| self.make(&mut made, served), |last| last.snapshot);
        (snapshot, made.samples.iter().copied().collect())
    }

    fn make(&self, made: &mut Made, served: &Served) -> Arc<Snapshot> {
        let Made { before, samples, last } = made;
        let snapshot = snapshot::take(&self.registry(), &self.everywhere, &served.routes(), before);
        if samples.len() == SAMPLES {
            samples.pop_front();
        }
        samples.push_back(snapshot.totals);
        let snapshot = Arc::new(snapshot);
        *last = Some(Last { at: Instant::now(), snapshot: Arc::clone(&snapshot) });
        snapshot
    }

    /// Makes a snapshot and shows it to all who look.
    fn show(&self, served: &Served) {
        let snapshot = self.make(&mut lock(&self.made), served);
        let sent = serde_json::to_string(&*snapshot).map(|json| self.snapshots.broadcast(&json));
        if !matches!(sent, Ok(Ok(_))) {
            tracing::error!("a snapshot of the inspector could not be sent");
        }
    }

    /// Has snapshots made as long as somebody looks. Somebody is about to.
    pub(super) fn run(self: &Arc<Self>, served: &Served) {
        if self.is_running.swap(true, Ordering::AcqRel) {
            return;
        }
        let (running, served) = (Running(Arc::clone(self)), served.clone());
        actix_web::rt::spawn(async move {
            let state = &running.0;
            loop {
                sleep(EVERY).await;
                if state.snapshots.is_empty() {
                    return;
                }
                let (shown, served) = (Arc::clone(state), served.clone());
                // A thread that serves no connection.
                if tokio::task::spawn_blocking(move || shown.show(&served)).await.is_err() {
                    tracing::error!("a snapshot of the inspector could not be made");
                }
            }
        });
    }
}

/// Ends with its task, also where the task's thread does.
struct Running(Arc<State>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.is_running.store(false, Ordering::Release);
    }
}
