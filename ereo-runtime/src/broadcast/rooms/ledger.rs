//! Bytes that each room keeps, and the rooms that keep the most.

use std::collections::BTreeMap;
use std::sync::Weak;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use crate::broadcast::core::Core;
use crate::sync::{Arc, Mutex, lock};

/// The accounts of all rooms of a set.
pub(super) struct Ledger<T> {
    /// Sum of what the accounts say.
    total: AtomicUsize,
    classes: Mutex<Classes<T>>,
}

/// The rooms that keep something by size: those of a class keep less than twice as much as each other, at
/// the time of the last look. A room goes up when it grows out of its class, and down only when it is looked at
/// because something has to go, so that most messages change nothing here.
struct Classes<T>(BTreeMap<(u32, Address), Weak<Core<T>>>);

/// Where a room is in memory: no other is there as long as there is a weak handle of it.
type Address = usize;

/// One room's part.
#[derive(Debug, Default)]
pub(in crate::broadcast) struct Account {
    /// What it was last told to keep: a part of the total.
    bytes: AtomicUsize,
    /// Written under the lock of the classes; 0 where it is in none.
    class: AtomicU32,
}

impl<T> Default for Ledger<T> {
    fn default() -> Self {
        Self { total: AtomicUsize::new(0), classes: Mutex::new(Classes(BTreeMap::new())) }
    }
}

impl Account {
    fn class(&self) -> u32 {
        self.class.load(Ordering::Relaxed)
    }
}

/// The class of so many bytes.
fn class_of(bytes: usize) -> u32 {
    usize::BITS - bytes.leading_zeros()
}

impl<T> Ledger<T> {
    pub(super) fn total(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }

    /// Enters what the room keeps now.
    pub(super) fn enter(&self, room: &Arc<Core<T>>) {
        let class = class_of(self.count(room));
        if class > room.account().class() {
            let mut classes = lock(&self.classes);
            // Somebody else may have been faster.
            if class > room.account().class() {
                classes.file(room, class);
            }
        }
    }

    /// The room is being dropped.
    pub(super) fn close(&self, room: &Core<T>) {
        let account = room.account();
        self.total.fetch_sub(account.bytes.load(Ordering::Relaxed), Ordering::Relaxed);
        if account.class() > 0 {
            let gone = lock(&self.classes).remove(account, std::ptr::from_ref(room).addr());
            drop(gone);
        }
    }

    /// Lets rooms go of their oldest messages, the largest first, until so many bytes are left in all. The newest
    /// message of `newest` stays: it was just sent, and nobody has had the time to read it.
    pub(super) fn trim(&self, enough: usize, newest: &Arc<Core<T>>) {
        let mut spared = None;
        while let Some(over) = self.total().checked_sub(enough).filter(|over| *over > 0) {
            // Its drop is not under the lock: it may be the last handle by then.
            let Some(room) = lock(&self.classes).largest_but(spared) else { return };
            let bytes = room.log().bytes();
            // By half at most: then another one may be the largest.
            if !room.log().trim_to(bytes.saturating_sub(over).max(bytes / 2)) {
                if Arc::ptr_eq(&room, newest) {
                    spared = Some(newest);
                    continue;
                }
                // A single message.
                drop(room.log().take());
            }
            let class = class_of(self.count(&room));
            lock(&self.classes).file(&room, class);
        }
    }

    /// Brings the room's account up to date.
    fn count(&self, room: &Core<T>) -> usize {
        let bytes = room.log().bytes();
        let before = room.account().bytes.swap(bytes, Ordering::Relaxed);
        if bytes >= before {
            self.total.fetch_add(bytes - before, Ordering::Relaxed);
        } else {
            self.total.fetch_sub(before - bytes, Ordering::Relaxed);
        }
        bytes
    }
}

impl<T> Classes<T> {
    /// Moves a room into this class.
    fn file(&mut self, room: &Arc<Core<T>>, class: u32) {
        let (account, address) = (room.account(), Arc::as_ptr(room).addr());
        // The room is there: with its weak handle nothing is freed.
        drop(self.remove(account, address));
        if class > 0 {
            account.class.store(class, Ordering::Relaxed);
            self.0.insert((class, address), Arc::downgrade(room));
        }
    }

    fn remove(&mut self, account: &Account, address: Address) -> Option<Weak<Core<T>>> {
        self.0.remove(&(account.class.swap(0, Ordering::Relaxed), address))
    }

    /// A room of the largest that there are, but this one.
    fn largest_but(&self, not: Option<&Arc<Core<T>>>) -> Option<Arc<Core<T>>> {
        let not = not.map(|room| Arc::as_ptr(room).addr());
        let rooms = self.0.iter().rev().filter(|((_, address), _)| Some(*address) != not);
        // One that is being dropped waits to be taken out.
        rooms.filter_map(|(_, room)| room.upgrade()).next()
    }
}
