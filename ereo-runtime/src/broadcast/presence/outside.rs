//! The side of a presence that is for the task which has it in common with other nodes.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use super::Presence;
use super::event::PresenceEvent;
use super::nodes::Nodes;
use super::roster::Roster;
use crate::sync::{Arc, lock};

/// Of the task and the presence, which may end before it.
#[derive(Default)]
pub(in crate::broadcast) struct Outside {
    /// There is something to tell the store, or the presence has ended.
    pub(in crate::broadcast) wake: Notify,
    has_ended: AtomicBool,
}

impl Outside {
    /// Nobody is here any more.
    pub(super) fn end(&self) {
        self.has_ended.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    pub(in crate::broadcast) fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Acquire)
    }
}

impl Presence {
    /// The presence of a set that several nodes have in common; what the task has that sees to that.
    pub(in crate::broadcast) fn over_nodes() -> (Arc<Self>, Arc<Outside>) {
        let outside = Arc::<Outside>::default();
        let roster = Roster::Nodes(Box::default());
        (Self::of(roster, Some(Arc::clone(&outside))), outside)
    }

    /// Looks at what is known of all nodes, changes it, and tells what became of it.
    pub(in crate::broadcast) fn at_nodes<R>(
        &self,
        change: impl FnOnce(&mut Nodes, &mut Vec<PresenceEvent>) -> R,
    ) -> Option<R> {
        let mut state = lock(&self.state);
        let Roster::Nodes(nodes) = &mut *state else { return None };
        let (was_known, mut told) = (nodes.is_known(), Vec::new());
        let result = change(nodes, &mut told);
        let is_first = !was_known && nodes.is_known();
        let rounds = self.tell(told);
        drop(state);
        drop(rounds);
        if is_first {
            // Wakes those who wait for all members.
            self.news.rouse();
        }
        Some(result)
    }

    /// True if it is known who is there.
    pub(super) fn is_known(&self) -> bool {
        match &*lock(&self.state) {
            Roster::Alone(_) => true,
            Roster::Nodes(nodes) => nodes.is_known(),
        }
    }

    pub(super) fn has_news_for_others(&self) {
        if let Some(outside) = &self.outside {
            outside.wake.notify_one();
        }
    }
}

/// Whoever was here is not, without a word.
impl Drop for Presence {
    fn drop(&mut self) {
        if let Some(outside) = &self.outside {
            outside.end();
        }
    }
}
