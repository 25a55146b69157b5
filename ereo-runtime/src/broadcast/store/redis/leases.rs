//! Which nodes live: each has a lease by the server's clock, and who finds another's gone says that it is dead.
//!
//! A node is dead for good when its lease is gone: it is extended where it is there, and never made again under the
//! same name. Whether others are dead is for a node to say that has seen the server for as long as a lease lasts without a
//! gap: behind one, when all leases may be over, all have had the time to tell that they live.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use redis::{Value, from_redis_value};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::link::Link;
use super::members::{name, time};
use super::trouble::Trouble;
use crate::broadcast::store::members::{NodeId, Standing};
use crate::sync::{Arc, Mutex, lock};

/// How long a lease lasts.
pub(super) const LEASE: Duration = Duration::from_secs(15);

/// So many times in a lease it is extended.
const TIMES: u32 = 15;

/// So many nodes are asked for.
const NODES: usize = 1024;

/// So many former names a node remembers to clear away.
const FORMER: usize = 8;

/// A handle.
#[derive(Clone)]
pub(super) struct Leases {
    shared: Arc<Shared>,
    time: Duration,
    link: Arc<Link>,
    runtime: Handle,
}

struct Shared {
    standing: watch::Sender<Standing>,
    seen: Mutex<Seen>,
    /// There is another to ask for.
    more: Notify,
}

#[derive(Default)]
struct Seen {
    /// Whether the task runs: nobody needs it before somebody asks who is there.
    is_started: bool,
    /// Nodes that are in a roll, and when they last were.
    nodes: HashMap<NodeId, Instant>,
}

impl Leases {
    pub(super) fn new(link: Arc<Link>, runtime: Handle, time: Duration) -> Self {
        let (standing, seen) = (watch::Sender::default(), Mutex::default());
        let shared = Arc::new(Shared { standing, seen, more: Notify::new() });
        Self { shared, time, link, runtime }
    }

    pub(super) fn time(&self) -> Duration {
        self.time
    }

    /// This node and the others, looked after from the first that asks on.
    pub(super) fn standing(&self) -> watch::Receiver<Standing> {
        let standing = self.shared.standing.subscribe();
        if !std::mem::replace(&mut lock(&self.shared.seen).is_started, true) {
            let keeper = Keeper {
                link: Arc::clone(&self.link),
                shared: Arc::clone(&self.shared),
                time: self.time,
                watches_since: None,
                last: None,
            };
            self.runtime.spawn(keeper.keep());
        }
        standing
    }

    /// Asks for these, too.
    pub(super) fn sees(&self, nodes: Vec<NodeId>) {
        let now = Instant::now();
        let mut seen = lock(&self.shared.seen);
        let mut is_more = false;
        for node in nodes {
            is_more |= seen.nodes.insert(node, now).is_none();
        }
        drop(seen);
        if is_more {
            self.shared.more.notify_one();
        }
    }
}

struct Keeper {
    link: Arc<Link>,
    shared: Arc<Shared>,
    time: Duration,
    /// The server's time since which it was seen without a gap, and at which it last was.
    watches_since: Option<u64>,
    last: Option<u64>,
}

/// What the server says of leases.
struct Said {
    now: u64,
    is_extended: bool,
    /// How long each of the others lasts yet; none that is gone.
    others: Vec<(NodeId, Option<u64>)>,
}

impl Keeper {
    /// Between two extensions.
    fn pace(&self) -> Duration {
        self.time / TIMES
    }

    async fn keep(mut self) {
        loop {
            let begun = Instant::now();
            let ends = match self.ask().await {
                Ok(said) => self.hear(said, begun),
                Err(trouble) => {
                    tracing::debug!(%trouble, "this node's lease is not extended");
                    self.watches_since = None;
                    None
                }
            };
            // Not before it ends, which is at the next millisecond.
            let ends = ends.map(|ends| Instant::now() + Duration::from_millis(ends + 1));
            let pace = begun + self.pace();
            let next = ends.map_or(pace, |ends| ends.min(pace));
            if timeout_at(next, self.shared.more.notified()).await.is_ok() {
                // Others come at the same time.
                sleep_until((Instant::now() + self.pace() / 10).min(next)).await;
            }
        }
    }

    async fn ask(&self) -> Result<Said, Trouble> {
        let standing = self.shared.standing.borrow().clone();
        let others = self.others(&standing.dead);
        let mut commands = redis::pipe();
        commands.cmd("TIME");
        let lease = u64::try_from(self.time.as_millis()).unwrap_or(u64::MAX);
        // A life that begins is of a name that was never there.
        let node = standing.node.unwrap_or_else(rand::random);
        let how = if standing.node.is_some() { "XX" } else { "NX" };
        commands.cmd("SET").arg(key(node)).arg("1").arg("PX").arg(lease).arg(how);
        for other in &others {
            commands.cmd("PTTL").arg(key(*other));
        }
        let mut answers = self.link.ask_all(&commands).await?.into_iter();
        let mut next = || answers.next().unwrap_or(Value::Nil).extract_error();
        let now = time(from_redis_value(next()?).map_err(Trouble::garbled)?);
        let is_extended = !matches!(next()?, Value::Nil);
        let mut found = Vec::with_capacity(others.len());
        for other in others {
            let left = from_redis_value::<i64>(next()?).map_err(Trouble::garbled)?;
            found.push((other, u64::try_from(left).ok()));
        }
        let is_new = standing.node.is_none();
        if is_extended && is_new || !is_extended && !is_new {
            self.shared.standing.send_modify(|standing| {
                if let Some(before) = standing.node.take() {
                    standing.former.push(before);
                    let surplus = standing.former.len().saturating_sub(FORMER);
                    standing.former.drain(..surplus);
                    tracing::warn!("this node was away for longer than its lease: it begins anew");
                } else {
                    standing.node = Some(node);
                }
            });
        }
        Ok(Said { now, is_extended, others: found })
    }

    /// Those to ask for; and forgets those who are in no roll any more.
    fn others(&self, dead: &BTreeSet<NodeId>) -> Vec<NodeId> {
        let now = Instant::now();
        let mut seen = lock(&self.shared.seen);
        seen.nodes.retain(|_, at| now - *at < 2 * self.time);
        seen.nodes.keys().copied().filter(|node| !dead.contains(node)).take(NODES).collect()
    }

    /// Finds out who is dead; and in how many milliseconds the next lease of another ends.
    fn hear(&mut self, said: Said, begun: Instant) -> Option<u64> {
        let Said { now, is_extended, others } = said;
        let pace = u64::try_from(self.pace().as_millis()).unwrap_or(u64::MAX);
        // By its clock, and by ours: it may have stood still before it answered, or this node before it asked.
        let is_gap = self.last.is_none_or(|last| now < last || now - last > 3 * pace)
            || begun.elapsed() > 2 * self.pace()
            || !is_extended;
        self.last = Some(now);
        if is_gap {
            self.watches_since = Some(now);
        }
        let since = *self.watches_since.get_or_insert(now);
        let lease = u64::try_from(self.time.as_millis()).unwrap_or(u64::MAX);
        let has_watched = now - since >= lease;
        let dead = others.iter().filter(|(_, left)| left.is_none()).map(|(node, _)| *node);
        let dead = dead.collect::<Vec<_>>();
        let seen = lock(&self.shared.seen).nodes.keys().copied().collect::<BTreeSet<_>>();
        self.shared.standing.send_if_modified(|standing| {
            let before = standing.dead.len();
            standing.dead.retain(|node| seen.contains(node));
            let kept = standing.dead.len();
            if has_watched {
                standing.dead.extend(dead);
            }
            before != kept || standing.dead.len() != kept
        });
        let ends = others.iter().filter_map(|(_, left)| *left).min();
        match self.shared.standing.borrow().node {
            // At once, under another name.
            None => Some(0),
            Some(_) => ends,
        }
    }
}

fn key(node: NodeId) -> String {
    format!("ereo:node:{}", name(node))
}
