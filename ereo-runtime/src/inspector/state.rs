//! State that all workers of a server share of its inspector: the last snapshot, ten minutes to plot, and the set over
//! which the snapshots go.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use actix_web::HttpRequest;
use tokio::time::{Instant, sleep};

use super::rows::{Sample, Snapshot};
use super::snapshot::{self, Before};
use crate::broadcast::{ClientSet, Everywhere, Looking, OnLag};
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
    /// Held while a snapshot is made.
    making: Mutex<Making>,
    /// Held for a moment.
    made: Mutex<Made>,
}

#[derive(Default)]
struct Making {
    before: Before,
    /// Number of the last sample of a message that was shown.
    sampled: u64,
}

#[derive(Default)]
struct Made {
    samples: VecDeque<Sample>,
    last: Option<Last>,
}

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
            making: Mutex::default(),
            made: Mutex::default(),
        })
    }

    pub(super) fn registry(&self) -> Arc<Registry> {
        // Whoever asks stands in a server that holds it; a task that outlives the server sees an empty one.
        self.registry.upgrade().unwrap_or_default()
    }

    /// The last snapshot, or a new one if that is not fresh, and the samples up to it.
    pub(super) fn fresh(&self, served: &Served) -> (Arc<Snapshot>, Vec<Sample>) {
        if self.last().is_none() {
            let mut making = lock(&self.making);
            // Somebody else may have made it meanwhile.
            if self.last().is_none() {
                self.make(&mut making, served, false);
            }
        }
        let made = lock(&self.made);
        let snapshot = made.last.as_ref().map(|last| Arc::clone(&last.snapshot));
        (snapshot.unwrap_or_default(), made.samples.iter().copied().collect())
    }

    fn last(&self) -> Option<Arc<Snapshot>> {
        let fresh = if self.is_running.load(Ordering::Acquire) { 2 * EVERY } else { FRESH };
        let made = lock(&self.made);
        let last = made.last.as_ref().filter(|last| last.at.elapsed() < fresh);
        last.map(|last| Arc::clone(&last.snapshot))
    }

    fn make(&self, making: &mut Making, served: &Served, live: bool) -> Arc<Snapshot> {
        let Making { before, sampled } = making;
        let (sets, live) = ((&self.everywhere, self.snapshots.place()), live.then_some(sampled));
        let snapshot =
            Arc::new(snapshot::take(&self.registry(), sets, &served.routes(), before, live));
        let last = Last { at: Instant::now(), snapshot: Arc::clone(&snapshot) };
        let mut made = lock(&self.made);
        if made.samples.len() == SAMPLES {
            made.samples.pop_front();
        }
        made.samples.push_back(snapshot.totals);
        let before = made.last.replace(last);
        drop(made);
        drop(before);
        snapshot
    }

    /// Makes a snapshot and shows it to all who look.
    fn show(&self, served: &Served, live: bool) {
        let snapshot = self.make(&mut lock(&self.making), served, live);
        let sent = serde_json::to_string(&*snapshot).map(|json| self.snapshots.broadcast(&json));
        if !matches!(sent, Ok(Ok(_))) {
            tracing::error!("a snapshot of the inspector could not be sent");
        }
    }

    /// Has snapshots made as long as somebody looks. Somebody is about to.
    pub(super) fn run(self: &Arc<Self>, served: &Served, payloads: bool) {
        if self.is_running.swap(true, Ordering::AcqRel) {
            return;
        }
        let (running, served) = (Running(Arc::clone(self)), served.clone());
        actix_web::rt::spawn(async move {
            let state = &running.0;
            let looking = payloads.then(Looking::new);
            loop {
                sleep(EVERY).await;
                if state.snapshots.is_empty() {
                    drop(looking);
                    return;
                }
                let (shown, served) = (Arc::clone(state), served.clone());
                // A thread that serves no connection.
                if tokio::task::spawn_blocking(move || shown.show(&served, payloads)).await.is_err()
                {
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
