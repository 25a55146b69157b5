//! The members of a set as its store has them, and what is due of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::broadcast::store::members::{Change, NodeId, Record};
use crate::sync::Arc;

/// So many are swept at once.
const AT_ONCE: usize = 128;

/// Bytes of memory of those who are away. Beyond it who has been away longest has left.
const AWAY_BYTES: usize = 8 << 20;

#[derive(Default)]
pub(super) struct Records {
    all: BTreeMap<Arc<str>, Record>,
    /// Members who are away, by the time at which they have left, and their bytes.
    away: BTreeSet<(u64, Arc<str>)>,
    away_bytes: usize,
    /// With how many members each node has connections.
    at: HashMap<NodeId, usize>,
}

impl Records {
    pub(super) fn get(&self, key: &Arc<str>) -> Option<&Record> {
        self.all.get(key)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&Arc<str>, &Record)> {
        self.all.iter()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.all.keys()
    }

    pub(super) fn into_all(self) -> impl Iterator<Item = (Arc<str>, Record)> {
        self.all.into_iter()
    }

    /// The nodes that members are at.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.at.keys().copied()
    }

    /// The time at which the next one who is away has left.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.away.first().map(|(until, _)| *until)
    }

    /// Changes for those who are at a dead node, or away for too long at this time of the store's, or one too many.
    pub(super) fn to_sweep(&self, dead: &BTreeSet<NodeId>, now: u64) -> Vec<Change> {
        let mut sweep = Vec::new();
        if self.at.keys().any(|node| dead.contains(node)) {
            for (key, record) in &self.all {
                let dead = record.nodes.iter().filter(|(node, _)| dead.contains(node));
                sweep.extend(
                    dead.map(|(node, _)| Change::Dead { key: Arc::clone(key), node: *node }),
                );
            }
        }
        let mut bytes = self.away_bytes;
        for (until, key) in &self.away {
            let whatever = bytes > AWAY_BYTES;
            if *until > now && !whatever {
                break;
            }
            bytes -= self.all.get(key).map_or(0, |record| away_bytes(key, record));
            sweep.push(Change::Due { key: Arc::clone(key), whatever });
        }
        sweep.truncate(AT_ONCE);
        sweep
    }

    pub(super) fn set(&mut self, key: Arc<str>, record: Option<Record>) {
        if let Some(before) = self.all.remove(&key) {
            for (node, _) in &before.nodes {
                if let Some(count) = self.at.get_mut(node) {
                    *count -= 1;
                    if *count == 0 {
                        self.at.remove(node);
                    }
                }
            }
            if let Some(until) = before.until {
                self.away_bytes -= away_bytes(&key, &before);
                self.away.remove(&(until, Arc::clone(&key)));
            }
        }
        let Some(record) = record else { return };
        for (node, _) in &record.nodes {
            *self.at.entry(*node).or_default() += 1;
        }
        if let Some(until) = record.until {
            self.away_bytes += away_bytes(&key, &record);
            self.away.insert((until, Arc::clone(&key)));
        }
        self.all.insert(key, record);
    }
}

/// With its places.
fn away_bytes(key: &str, record: &Record) -> usize {
    const PLACES: usize = 256;
    PLACES + key.len() + record.info.len()
}
