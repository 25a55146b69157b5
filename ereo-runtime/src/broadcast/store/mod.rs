//! Sets that outlive the process: a store numbers the messages and keeps them, and a mirror of it is what is read.
//!
//! The ring in memory stays what every reader reads. A message that was taken goes to the store, which
//! gives it its number, and comes into the ring when it has it: nothing is shown that is not kept. A set
//! without a store has nothing of this.

// | file | one idea |
// |---|---|
// | `mod` | what a store is |
// | `backing` | which store a set has, and how its messages are written there |
// | `outgoing` | what was taken and is not placed yet |
// | `stored` | where the ring's entries stand in the store's order |
// | `mirror` | the task of one log: places what is held, and heals |
// | `following` | how it hears of what others append |
// | `commands` | what is done to connections at every node |
// | `exception` | the client that does not get a message, as it stands before it |
// | `mirrored` | the set's ring as the mirror fills it |
// | `members` | what a store keeps of who is at which node |
// | `present` | the task of one presence: tells the store who is here, and hears who is elsewhere |
// | `present_news` | how it hears of that |
// | `thread` | the thread that a store runs on, and its end |
// | `health` | whether the store takes messages |
// | `sqlite` | a file of this process |
// | `redis` | a server that several processes have in common |

#![cfg_attr(
    not(any(feature = "redis", feature = "sqlite")),
    allow(dead_code, reason = "a feature for each store, and none of them is on")
)]

mod backing;
mod commands;
mod exception;
mod following;
mod health;
#[cfg_attr(not(feature = "redis"), allow(dead_code, reason = "for stores that keep members"))]
pub(super) mod members;
#[cfg(test)]
mod memory;
mod mirror;
mod mirrored;
mod outgoing;
mod present;
mod present_news;
#[cfg(feature = "redis")]
pub mod redis;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod stored;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "redis", feature = "sqlite"))]
mod thread;

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use crate::log::{Epoch, Epochs, Position};
use crate::sync::Arc;

pub(super) use backing::{Backing, LogKey};
pub use backing::{StoreLog, WhenDown};
pub(super) use commands::Commands;
pub use health::Health;
pub(crate) use health::{stores_are_ready, stores_have_all};
#[cfg(feature = "inspector")]
pub(crate) use stored::StoreLook;
pub(super) use stored::Stored;

/// Keeps logs outside of this process's memory and numbers what is appended. One for all sets.
pub(crate) trait Store: Send + Sync + 'static {
    /// Appends in this order, each once whatever is tried again: `producer` and `seq` tell. All, or nothing and
    /// an error, behind which it may have been appended nevertheless.
    fn append(
        &self,
        log: &LogKey,
        batch: Batch,
    ) -> BoxFuture<'static, Result<Appended, StoreError>>;

    /// What stands in the log, in its order, so much at the most.
    fn read(
        &self,
        log: &LogKey,
        from: From,
        limit: Limit,
    ) -> BoxFuture<'static, Result<Page, StoreError>>;

    /// Runs a mirror's task.
    fn spawn(&self, task: BoxFuture<'static, ()>);

    /// Where others append to the same logs: how to hear of it.
    fn shared(&self) -> Option<&dyn SharedStore> {
        None
    }

    /// Where it keeps who is at which node.
    fn members(&self) -> Option<Arc<dyn members::SharedMembers>> {
        None
    }
}

/// A store that several processes append to.
pub(crate) trait SharedStore: Send + Sync {
    /// What comes, as a hint: it may be late, doubled or missing, and ends when its connection does.
    fn follow(&self, log: &LogKey) -> BoxFuture<'static, Result<mpsc::Receiver<Kept>, StoreError>>;

    /// Where the log stands, if there is one, asked over another connection than [`follow`](SharedStore::follow)'s.
    fn head(&self, log: &LogKey) -> BoxFuture<'static, Result<Option<Position>, StoreError>>;

    /// How often to look at the head.
    fn looks_every(&self) -> Duration;
}

/// What is appended at once.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    /// Who appends: the same for as long as its log is mirrored.
    #[cfg_attr(
        not(any(test, feature = "redis")),
        allow(dead_code, reason = "for stores whose answers may be lost")
    )]
    pub(crate) producer: u64,
    pub(crate) drafts: Vec<Draft>,
    /// Older messages than this one need not be kept.
    pub(crate) oldest: u64,
}

/// A message before it has its number.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    #[cfg_attr(
        not(any(test, feature = "redis")),
        allow(dead_code, reason = "for stores whose answers may be lost")
    )]
    pub(crate) seq: u64,
    pub(crate) payload: Bytes,
}

/// Where a batch has come to stand.
#[derive(Debug)]
pub(crate) struct Appended {
    pub(crate) epochs: Epochs,
    /// The drafts' offsets, in their order.
    pub(crate) places: Vec<u64>,
}

/// Where to begin to read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum From {
    /// Behind this offset.
    Behind(u64),
    /// So that the newest are read.
    Newest,
}

/// How much to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) count: usize,
    pub(crate) bytes: usize,
}

/// A part of a log.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) epochs: Epochs,
    /// Offset of the newest message of the log.
    pub(crate) head: u64,
    /// In their order, without holes.
    pub(crate) entries: Vec<Kept>,
}

/// A message as a store keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) epoch: Epoch,
    pub(crate) offset: u64,
    pub(crate) producer: u64,
    /// How long ago it was appended.
    pub(crate) age: Duration,
    pub(crate) payload: Bytes,
}

/// Why a store did not do what it was asked for. What it was may be tried again.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum StoreError {
    /// It has ended with the process, or its last handle: nothing will come of it.
    #[error("the store has ended")]
    Ended,
    #[error(transparent)]
    Failed(Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    pub(crate) fn failed(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Failed(Arc::new(error))
    }
}
