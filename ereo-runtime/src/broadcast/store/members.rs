//! Who is at which node: what a store keeps of a set's members beside its log, for all servers that have the set.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};

use super::{Kept, LogKey, StoreError};
use crate::broadcast::presence::Info;
use crate::log::Position;
use crate::sync::Arc;

/// A life of a node: a node that was away for longer than its lease begins another.
pub(crate) type NodeId = u64;

/// The members of logs, as a store keeps them for all nodes.
///
/// Those of a log are its *roll*: a record for each member, of which each state has a position as a log's messages
/// have. Two rolls of one position are the same, whatever the store has forgotten in between.
pub(crate) trait SharedMembers: Send + Sync + 'static {
    /// The whole roll.
    fn read(&self, log: &LogKey) -> BoxFuture<'static, Result<Roll, StoreError>>;

    /// Changes it; what is changed already stays as it is, so that it may be tried again.
    fn write(
        &self,
        log: &LogKey,
        changes: Changes,
    ) -> BoxFuture<'static, Result<Written, StoreError>>;

    /// What is changed, as a hint: it may be late, doubled or missing, and ends when its connection does.
    fn follow(&self, log: &LogKey) -> BoxFuture<'static, Result<mpsc::Receiver<Kept>, StoreError>>;

    /// The changes that stand in what [`follow`](SharedMembers::follow) gave, where it is any.
    fn news(&self, kept: &Kept) -> Option<Vec<(Arc<str>, Option<Record>)>>;

    /// The roll's position, asked over another connection than `follow`'s.
    fn head(&self, log: &LogKey) -> BoxFuture<'static, Result<Option<Position>, StoreError>>;

    /// This node, and those that are known to be dead.
    fn standing(&self) -> watch::Receiver<Standing>;

    /// These nodes are in a roll: whether they live is to be asked.
    fn sees(&self, nodes: Vec<NodeId>);

    /// How long a node that is not heard of is taken to be alive.
    fn lease(&self) -> Duration;
}

/// Which nodes there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    /// This one, while it is known to be alive.
    pub(crate) node: Option<NodeId>,
    /// What it was before.
    pub(crate) former: Vec<NodeId>,
    /// Those that never come back. Who was there may come to another.
    pub(crate) dead: BTreeSet<NodeId>,
}

/// A member as the store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// The store's time in milliseconds at which it has left, where it is away.
    pub(crate) until: Option<u64>,
    /// How many connections it has at which node.
    pub(crate) nodes: Vec<(NodeId, usize)>,
    pub(crate) info: Info,
}

/// A roll.
#[derive(Debug)]
pub(crate) struct Roll {
    /// None of one that was never written, or is forgotten.
    pub(crate) at: Option<Position>,
    pub(crate) records: Vec<(Arc<str>, Record)>,
    /// The store's time in milliseconds.
    pub(crate) now: u64,
}

/// What a node has to say of a roll.
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    pub(crate) node: NodeId,
    pub(crate) former: Vec<NodeId>,
    /// For how long a member stays that has no connection any more.
    pub(crate) grace: Duration,
    pub(crate) all: Vec<Change>,
}

#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// The member has so many connections here, which were given the info.
    Here {
        key: Arc<str>,
        connections: usize,
        /// Whether it takes the place of what was given before.
        gives: bool,
        info: Info,
    },
    /// The node that it was at is dead.
    Dead { key: Arc<str>, node: NodeId },
    /// It is away, and its time is over; or there is no room for it, whatever the time.
    Due { key: Arc<str>, whatever: bool },
}

/// What has become of it.
#[derive(Debug)]
pub(crate) struct Written {
    /// Where the roll stood before.
    pub(crate) before: Option<Position>,
    pub(crate) at: Option<Position>,
    /// What is another than before.
    pub(crate) changed: Vec<(Arc<str>, Option<Record>)>,
    /// The store's time in milliseconds.
    pub(crate) now: u64,
}
