//! The sets of this process that a command may be about: one of a store, its rooms, and rooms of these.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;
use std::sync::Weak;

use tokio::sync::Notify;

use super::patience::Late;
use crate::broadcast::Who;
use crate::broadcast::store::LogKey;
use crate::ending::Ending;
use crate::sync::{Arc, Mutex, lock};

/// A set or a room, whatever its messages are, as commands reach it.
pub(in crate::broadcast) trait Commanded: Send + Sync {
    /// Ends connections of this set alone; how many were told.
    fn end(&self, who: Who<'_>, ending: &Ending) -> usize;

    /// Sends a message, as the store would keep it, to sockets of this set alone; those that have no room for it yet.
    fn deliver(&self, who: Who<'_>, payload: &str) -> Vec<Late>;

    /// Adds where the connections are that `who` names; how many more there are that are in no list.
    fn reached(&self, who: Who<'_>, places: &mut HashSet<usize>) -> usize;

    /// The number of the newest message that was taken here, where that is not shown yet.
    fn last_taken(&self) -> Option<u64>;

    /// Whether the message of this number is.
    fn is_shown(&self, number: u64) -> bool;

    /// Asks the mirror to look where the log stands, under this number.
    fn look(&self) -> u64;

    /// Whether that was done.
    fn has_looked(&self, number: u64) -> bool;

    /// Told when either of the two may have changed.
    fn changed(&self) -> Arc<Notify>;
}

/// By the key of its log, and where it is: of one key there may be two for a moment.
type Places = BTreeMap<(LogKey, usize), Weak<dyn Commanded>>;

#[derive(Default)]
pub(in crate::broadcast) struct Sets(Mutex<Places>);

impl Sets {
    pub(super) fn enter(&self, key: LogKey, set: Weak<dyn Commanded>) {
        let place = set.as_ptr().cast::<()>().addr();
        lock(&self.0).insert((key, place), set);
    }

    pub(super) fn leave(&self, key: &LogKey, place: usize) {
        let left = lock(&self.0).remove(&(key.clone(), place));
        drop(left);
    }

    /// Those whose log has this key; with `rooms` also those of its rooms, and of theirs.
    pub(super) fn of(&self, key: &str, rooms: bool) -> Vec<Arc<dyn Commanded>> {
        let mut found = Vec::new();
        let sets = lock(&self.0);
        let mut take = |from: &str, fits: &dyn Fn(&str) -> bool| {
            let from = Bound::Included((LogKey::stored(from), 0));
            let all = sets.range((from, Bound::Unbounded));
            let all = all.take_while(|((key, _), _)| fits(key.as_str()));
            found.extend(all.filter_map(|(_, set)| set.upgrade()));
        };
        take(key, &|found| found == key);
        if rooms {
            let within = format!("{key}/");
            take(&within, &|found| found.starts_with(&within));
        }
        drop(sets);
        found
    }
}
