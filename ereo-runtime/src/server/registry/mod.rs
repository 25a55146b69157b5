//! The connections of a server, as the inspector lists them (feature `inspector`).
//!
//! A connection's thread writes what it sends with plain stores, and takes the registry's lock when it begins
//! and when it ends. Whoever lists them takes it for [`STRIDE`] connections at a time, so that nobody who comes
//! waits for a long list; a delivery takes no lock at all.

mod local;
mod problems;
mod registered;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use actix_web::HttpRequest;

pub(crate) use local::{asked_host, is_local};
pub(crate) use problems::{Counted, Known, Problem};
pub(crate) use registered::Registered;

use self::problems::Problems;
use super::lifeline::Lifeline;
use crate::block_slab::BlockSlab;
use crate::broadcast::Everywhere;
use crate::sync::lock;

/// Connections that are looked at before the lock is let go of.
const STRIDE: u32 = 256;

/// In the app data of routes whose connections are not listed: the inspector's own.
#[derive(Debug)]
pub(crate) struct Unlisted;

/// The connections of one server, and what went wrong with them.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    connections: Mutex<Connections>,
    /// Of all that ever were.
    opened: AtomicU64,
    /// What those that have ended were sent.
    messages: AtomicU64,
    bytes: AtomicU64,
    problems: Mutex<Problems>,
    /// What the inspector keeps of this server.
    attached: OnceLock<Attached>,
}

struct Attached(Arc<dyn Any + Send + Sync>);

impl std::fmt::Debug for Attached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attached")
    }
}

#[derive(Debug)]
struct Connections(BlockSlab<Arc<Registered>>);

impl Default for Connections {
    fn default() -> Self {
        Self(BlockSlab::new())
    }
}

/// What a server's connections were sent before they ended, and how many there were.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Past {
    pub(crate) opened: u64,
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
}

impl Registry {
    /// The registry of the request's server, and its sets; none where it is not `.realtime(..)`.
    pub(crate) fn of(req: &HttpRequest) -> Option<(Arc<Self>, Everywhere)> {
        let lifeline = Lifeline::of(req)?;
        Some((Arc::clone(&lifeline.registry), lifeline.everywhere.clone()))
    }

    /// What is kept beside the registry, made when it is asked for first: of one type, for one asks.
    pub(crate) fn attached<T: Any + Send + Sync>(&self, new: impl FnOnce() -> T) -> Option<Arc<T>> {
        let attached = self.attached.get_or_init(|| Attached(Arc::new(new())));
        Arc::clone(&attached.0).downcast().ok()
    }

    /// Shows every connection, in no order.
    pub(crate) fn visit(&self, mut see: impl FnMut(&Arc<Registered>)) {
        let (mut from, mut some) = (0, Vec::with_capacity(STRIDE as usize));
        loop {
            let mut connections = lock(&self.connections);
            let end = connections.0.end();
            let to = end.min(from + STRIDE);
            some.extend((from..to).filter_map(|place| connections.0.get_mut(place).cloned()));
            drop(connections);
            some.drain(..).for_each(|connection| see(&connection));
            if to >= end {
                return;
            }
            from = to;
        }
    }

    pub(crate) fn past(&self) -> Past {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Past {
            opened: load(&self.opened),
            messages: load(&self.messages),
            bytes: load(&self.bytes),
        }
    }

    /// Notes that something went wrong on a route.
    pub(crate) fn problem(&self, kind: &'static str, reason: &'static str, route: &str) {
        lock(&self.problems).add(kind, reason, route);
    }

    /// How often what went wrong, and the last of it, the newest first.
    pub(crate) fn problems(&self) -> Known {
        lock(&self.problems).all()
    }

    fn enter(&self, connection: &Arc<Registered>) -> u32 {
        self.opened.fetch_add(1, Ordering::Relaxed);
        lock(&self.connections).0.insert(Arc::clone(connection))
    }

    fn leave(&self, place: u32, messages: u64, bytes: u64) {
        self.messages.fetch_add(messages, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let gone = lock(&self.connections).0.remove(place);
        drop(gone);
    }
}
