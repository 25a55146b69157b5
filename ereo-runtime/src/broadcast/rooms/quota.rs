//! What all rooms of a set may be together, those of its rooms included.

use std::sync::Weak;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::ledger::Ledger;
use super::{FEW, Rooms};
use crate::broadcast::ClientSet;
use crate::broadcast::builder::RoomLimits;
use crate::broadcast::core::Core;
use crate::sync::Arc;

pub(in crate::broadcast) struct Quota<T> {
    limits: RoomLimits,
    rooms: AtomicUsize,
    ledger: Ledger<T>,
    /// The set's own rooms, of which the empty ones go first.
    first: Weak<Rooms<T>>,
}

impl<T> Quota<T> {
    pub(super) fn new(limits: RoomLimits, first: Weak<Rooms<T>>) -> Self {
        Self { limits, rooms: AtomicUsize::new(0), ledger: Ledger::default(), first }
    }

    /// A place for one more room, if there is any.
    pub(super) fn take_place(&self) -> bool {
        let free = |rooms| (rooms < self.limits.count).then_some(rooms + 1);
        self.rooms.fetch_update(Ordering::Relaxed, Ordering::Relaxed, free).is_ok()
    }

    pub(super) fn give_place(&self) {
        self.rooms.fetch_sub(1, Ordering::Relaxed);
    }

    /// The room is being dropped.
    pub(in crate::broadcast) fn leave(&self, room: &Core<T>) {
        self.ledger.close(room);
    }

    /// What the room keeps has changed.
    pub(in crate::broadcast) fn settle(&self, room: &Arc<Core<T>>) {
        self.ledger.enter(room);
        if self.ledger.total() > self.limits.bytes {
            self.relieve(room);
        }
    }

    /// Makes room for what was just sent to `newest`.
    #[cold]
    fn relieve(&self, newest: &Arc<Core<T>>) {
        // A little more than is needed, so that not every message has to.
        let enough = self.limits.bytes - self.limits.bytes / 64;
        // However many are empty, a message waits for some of them only: the others go with the next.
        for _ in 0..FEW {
            if self.ledger.total() <= enough {
                return;
            }
            let Some(empty) = self.reclaim() else { break };
            drop(empty);
        }
        self.ledger.trim(enough, newest);
    }

    /// Takes out the oldest of the set's own rooms that nobody is in.
    pub(super) fn reclaim(&self) -> Option<ClientSet<T>> {
        self.first.upgrade()?.reclaim()
    }
}
