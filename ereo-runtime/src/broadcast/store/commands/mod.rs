//! Commands over nodes: what is done to connections wherever they are.
//!
//! A set that several processes have in common has a second log, of commands: an order is appended to it, each once
//! and in the order of who issues it, by what places messages, and every node reads it to its end, whatever has
//! happened to its connection. It is bounded, and what is older than a minute may be gone.
//!
//! What was broadcast before a command goes before it, at every node: it is appended when the messages that were taken
//! here before are shown, and a node carries it out when it has looked where the logs stand of those sets in which it
//! is about somebody.

// | file | one idea |
// |---|---|
// | `mod` | issues them |
// | `order` | a command as it is written |
// | `sets` | the sets that they may be about |
// | `core` | a set, as they reach it |
// | `place` | carries them out here, and appends them |
// | `obey` | carries out what others have issued |

mod core;
mod obey;
mod order;
mod place;
mod sets;

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::backing::{Backing, LogKey};
use super::health::{Health, Pulse};
use super::{Store, WhenDown};
use crate::broadcast::broadcast_error::BroadcastError;
use crate::broadcast::builder::{RoomLimits, Settings};
use crate::broadcast::core::Standing;
use crate::broadcast::on_lag::OnLag;
use crate::broadcast::{ClientSet, Who};
use crate::ending::Ending;
use crate::log::Limits;
use crate::meters::counter;
use crate::sync::{Arc, Mutex, lock};
use order::{Order, Task, What, Whom};
use place::{Taken, Waits};
pub(in crate::broadcast) use sets::Sets;

pub(super) use core::join;

/// So long a command is kept for nodes that are away.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// So many are kept, and so many may wait to be appended.
const KEPT: usize = 16 << 10;
const TAKEN: usize = 4096;

/// Bytes of one beside the message that it sends.
const BESIDE: usize = 4 << 10;

/// The commands of a set and its rooms, for as long as one of these is there.
pub(crate) struct Commands {
    root: LogKey,
    by: u64,
    /// Number of the last; with the lock numbers are taken in order.
    last: Mutex<u64>,
    taken: mpsc::UnboundedSender<Taken>,
    load: Arc<Load>,
    max_bytes: usize,
    sets: Arc<Sets>,
    pulse: Arc<Pulse>,
}

/// What was issued and is not done.
#[derive(Default)]
struct Load {
    /// Not in the hands of the log's mirror yet.
    count: AtomicUsize,
    bytes: AtomicUsize,
    /// Not carried out here.
    here: AtomicUsize,
}

impl Commands {
    pub(super) fn new(
        store: &Arc<dyn Store>,
        root: &LogKey,
        pulse: &Arc<Pulse>,
        limits: Limits,
    ) -> Arc<Self> {
        let key = root.of_commands();
        let bytes = limits.bytes.saturating_add(BESIDE);
        let backing = Backing::of_commands(Arc::clone(store), key.clone(), Arc::clone(pulse));
        let settings = Settings {
            limits: Limits { count: KEPT, young: limits.young, bytes, age: Some(KEPT_FOR) },
            on_lag: OnLag::SkipToOldest,
            presence_grace: Duration::ZERO,
            max_clients: None,
            rooms: RoomLimits { count: 0, bytes: 0 },
            backing: Some(Arc::new(backing.when_down(WhenDown::Hold(TAKEN)))),
        };
        let log = ClientSet::<String>::with(Arc::new(settings), Standing::Alone, Some(key));
        let (sets, load, by) = (Arc::<Sets>::default(), Arc::<Load>::default(), rand::random());
        store.spawn(obey::obey(Arc::clone(log.core()), Arc::clone(&sets), by).boxed());
        let (taken, to_do) = mpsc::unbounded_channel();
        let (done, to_place) = mpsc::unbounded_channel();
        let here = place::carry_out_here(to_do, done, Arc::clone(&sets), Arc::clone(&load));
        store.spawn(here.boxed());
        store.spawn(place::place(to_place, log, Arc::clone(&load), Arc::clone(pulse)).boxed());
        Arc::new(Self {
            root: root.clone(),
            by,
            last: Mutex::new(0),
            taken,
            load,
            max_bytes: bytes,
            sets,
            pulse: Arc::clone(pulse),
        })
    }

    /// Ends connections in the set of this key and its rooms, at every node; how many were told here, or will be.
    pub(in crate::broadcast) fn end(&self, key: &LogKey, who: Who<'_>, ending: Ending) -> usize {
        let what = What::End(ending);
        let task = Task { log: key.as_str().to_owned(), whom: Whom::of(who), what };
        let refused =
            |_| tracing::error!(log = key.as_str(), "other nodes are not told to end connections");
        let (told, issued) = self.issue(task, || ());
        issued.unwrap_or_else(refused);
        told
    }

    /// The sets that they reach here.
    pub(super) fn sets(&self) -> Arc<Sets> {
        Arc::clone(&self.sets)
    }

    /// The same in all sets that have these commands.
    pub(in crate::broadcast) fn end_in_all(&self, who: Who<'_>, ending: Ending) -> usize {
        self.end(&self.root, who, ending)
    }

    /// Sends a message to sockets in the set of this key, at every node; here by `deliver`, if it can be done at once.
    pub(in crate::broadcast) fn send(
        &self,
        key: &LogKey,
        who: Who<'_>,
        payload: String,
        deliver: impl FnOnce(),
    ) -> Result<(), BroadcastError> {
        let what = What::Send(payload);
        let task = Task { log: key.as_str().to_owned(), whom: Whom::of(who), what };
        self.issue(task, deliver).1
    }

    /// Carries it out here, at once or behind what was broadcast before, and has it appended.
    fn issue(&self, task: Task, deliver: impl FnOnce()) -> (usize, Result<(), BroadcastError>) {
        let sets = task.sets(&self.sets);
        let mut last = lock(&self.last);
        let waits: Vec<_> = sets.iter().filter_map(Waits::of).collect();
        let is_due = waits.is_empty() && self.load.here.load(Ordering::Acquire) == 0;
        // Nobody waits for a store that is down.
        let is_due = is_due || self.pulse.get() != Health::Up;
        let order = Order { by: self.by, number: *last + 1, task };
        let text = order.text();
        let bytes = text.len();
        let held = self.load.count.load(Ordering::Acquire);
        let has_room =
            held == 0 || self.load.bytes.load(Ordering::Acquire) + bytes <= self.max_bytes;
        let issued = if held < TAKEN && has_room {
            *last += 1;
            self.load.takes(bytes, !is_due);
            self.pulse.holds();
            let here = (!is_due).then(|| order.task.clone());
            let taken = Taken { text, waits, here, at: Instant::now() };
            // Its reader goes with this.
            let _ = self.taken.send(taken);
            Ok(())
        } else {
            counter!("ereo_store_refused_total", "reason" => "full").increment(1);
            Err(BroadcastError::Full { held })
        };
        drop(last);
        let told = match (&order.task.what, is_due || issued.is_err()) {
            (What::End(_), true) => order.task.carry_out(&sets),
            (What::End(_), false) => order.task.reached(&sets),
            (What::Send(_), true) => {
                deliver();
                0
            }
            (What::Send(_), false) => 0,
        };
        (told, issued)
    }
}

impl Load {
    fn takes(&self, bytes: usize, here: bool) {
        self.count.fetch_add(1, Ordering::AcqRel);
        self.bytes.fetch_add(bytes, Ordering::AcqRel);
        self.here.fetch_add(here.into(), Ordering::AcqRel);
    }

    fn is_done_here(&self) {
        self.here.fetch_sub(1, Ordering::AcqRel);
    }

    fn lets_go(&self, bytes: usize) {
        self.count.fetch_sub(1, Ordering::AcqRel);
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
    }
}

impl Task {
    /// The sets of this node that it is about.
    fn sets(&self, sets: &Sets) -> Vec<Arc<dyn sets::Commanded>> {
        sets.of(&self.log, matches!(self.what, What::End(_)))
    }

    /// Does it in these sets; how many connections were told to end.
    fn carry_out(&self, sets: &[Arc<dyn sets::Commanded>]) -> usize {
        let who = self.whom.who();
        let told = sets.iter().map(|set| match &self.what {
            What::End(ending) => set.end(who, ending),
            What::Send(payload) => {
                set.deliver(who, payload);
                0
            }
        });
        told.sum()
    }

    /// How many connections it is about in these sets.
    fn reached(&self, sets: &[Arc<dyn sets::Commanded>]) -> usize {
        let mut places = HashSet::new();
        let unlisted: usize =
            sets.iter().map(|set| set.reached(self.whom.who(), &mut places)).sum();
        places.len() + unlisted
    }
}
