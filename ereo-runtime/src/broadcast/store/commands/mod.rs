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
// | `patience` | what is sent to a socket that has no room for it |
// | `obey` | carries out what others have issued |

mod core;
mod obey;
mod order;
mod patience;
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
use patience::Patience;
use place::{Taken, Waits};
use sets::Commanded;
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
    /// The set's own, and that of the commands.
    pulse: Arc<Pulse>,
    own: Arc<Pulse>,
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
        let (key, own) = (root.of_commands(), Pulse::quiet());
        let bytes = limits.bytes.saturating_add(BESIDE);
        let backing = Backing::of_commands(Arc::clone(store), key.clone(), Arc::clone(&own));
        let settings = Settings {
            limits: Limits { count: KEPT, young: limits.young, bytes, age: Some(KEPT_FOR) },
            on_lag: OnLag::SkipToOldest,
            presence_grace: Duration::ZERO,
            max_clients: None,
            reads: |direct| Box::new(direct),
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
        store.spawn(place::place(to_place, log, Arc::clone(&load), Arc::clone(&own)).boxed());
        Arc::new(Self {
            root: root.clone(),
            by,
            last: Mutex::new(0),
            taken,
            load,
            max_bytes: bytes,
            sets,
            pulse: Arc::clone(pulse),
            own,
        })
    }

    /// Ends connections in the set of this key and its rooms, at every node; how many were told here, or will be.
    pub(in crate::broadcast) fn end(&self, key: &LogKey, who: Who<'_>, ending: Ending) -> usize {
        let what = What::End(ending.clone());
        let task = Task { log: key.as_str().to_owned(), whom: Whom::of(who), what };
        let sets = task.sets(&self.sets);
        let here = self.issue(task, &sets, true);
        let here = here.unwrap_or_else(|_| {
            tracing::error!(log = key.as_str(), "other nodes are not told to end connections");
            Here::Due
        });
        match here {
            Here::Due => sets.iter().map(|set| set.end(who, &ending)).sum(),
            Here::Waits => {
                let mut places = HashSet::new();
                let reached = sets.iter().map(|set| set.reached(who, &mut places)).sum::<usize>();
                reached + places.len()
            }
        }
    }

    /// The same in all sets that have these commands.
    pub(in crate::broadcast) fn end_in_all(&self, who: Who<'_>, ending: Ending) -> usize {
        self.end(&self.root, who, ending)
    }

    /// Sends a message to sockets in the set of this key, at every node.
    pub(in crate::broadcast) fn send(
        &self,
        key: &LogKey,
        who: Who<'_>,
        payload: String,
    ) -> Result<(), BroadcastError> {
        let what = What::Send(payload);
        let task = Task { log: key.as_str().to_owned(), whom: Whom::of(who), what };
        let sets = task.sets(&self.sets);
        self.issue(task, &sets, false).map(drop)
    }

    /// The sets that they reach here.
    pub(super) fn sets(&self) -> Arc<Sets> {
        Arc::clone(&self.sets)
    }

    /// Has it appended, and carried out here; unless that is `urgent` and can be done at once, by the caller.
    fn issue(
        &self,
        task: Task,
        sets: &[Arc<dyn Commanded>],
        urgent: bool,
    ) -> Result<Here, BroadcastError> {
        let mut last = lock(&self.last);
        let waits: Vec<_> = sets.iter().filter_map(Waits::of).collect();
        let is_up = self.pulse.get() == Health::Up;
        let nothing_before = waits.is_empty() && self.load.here.load(Ordering::Acquire) == 0;
        // Nobody waits for a store that is down.
        let is_due = urgent && (nothing_before || !is_up);
        let order = Order { by: self.by, number: *last + 1, task };
        let text = order.text();
        let held = self.load.count.load(Ordering::Acquire);
        let bytes = self.load.bytes.load(Ordering::Acquire) + text.len();
        if held >= TAKEN || (held > 0 && bytes > self.max_bytes) {
            counter!("ereo_store_refused_total", "reason" => "full").increment(1);
            return Err(BroadcastError::Full { held });
        }
        *last += 1;
        self.load.takes(text.len(), !is_due);
        self.own.holds();
        let here = (!is_due).then_some(order.task);
        let patience = if is_up { place::PATIENCE } else { Duration::ZERO };
        // Its reader goes with this.
        let _ = self.taken.send(Taken { text, waits, here, until: Instant::now() + patience });
        Ok(if is_due { Here::Due } else { Here::Waits })
    }
}

/// What becomes of a command here.
enum Here {
    /// It can be carried out at once.
    Due,
    /// It is, behind what was before it.
    Waits,
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
    fn sets(&self, sets: &Sets) -> Vec<Arc<dyn Commanded>> {
        sets.of(&self.log, matches!(self.what, What::End(_)))
    }

    /// Does it in the sets of this node.
    async fn carry_out(&self, sets: &Sets, patience: &mut Patience) {
        let who = self.whom.who();
        for set in self.sets(sets) {
            match &self.what {
                What::End(ending) => drop(set.end(who, ending)),
                What::Send(payload) => patience.send(set.deliver(who, payload)).await,
            }
        }
    }

    /// How many connections it is about in these sets.
    fn reached(&self, sets: &[Arc<dyn Commanded>]) -> usize {
        let mut places = HashSet::new();
        let unlisted: usize =
            sets.iter().map(|set| set.reached(self.whom.who(), &mut places)).sum();
        places.len() + unlisted
    }
}
