//! Members at all nodes, as the store says it.

use std::collections::BTreeSet;

use super::{Knows, Nodes, Own};
use crate::broadcast::presence::event::PresenceEvent;
use crate::broadcast::store::members::{Change, NodeId, Record, Standing};
use crate::sync::Arc;

impl Nodes {
    /// This node may be another one now, which has to tell all anew.
    pub(in crate::broadcast) fn stands(&mut self, standing: Standing) {
        let is_another = self.standing.node != standing.node;
        self.standing = standing;
        if is_another {
            self.compare();
        }
    }

    /// Finds what the store has otherwise than it is here.
    fn compare(&mut self) {
        let (node, there) = (self.standing.node, &self.there);
        let is_kept = |(key, own): &(&Arc<str>, &Own)| {
            let nodes = there.get(key).map_or(&[][..], |record| &record.nodes[..]);
            nodes.iter().any(|(at, count)| Some(*at) == node && *count == own.connections.len())
        };
        let here = self.here.iter().filter(|own| !is_kept(own)).map(|(key, _)| Arc::clone(key));
        let strays = there.all().filter(|(key, record)| {
            record.nodes.iter().any(|(node, _)| self.is_own(*node)) && !self.here.contains_key(*key)
        });
        let untold = here.chain(strays.map(|(key, _)| Arc::clone(key))).collect::<Vec<_>>();
        self.untold.extend(untold);
    }

    /// The store has changed these.
    pub(in crate::broadcast) fn changed(
        &mut self,
        records: Vec<(Arc<str>, Option<Record>)>,
    ) -> Vec<PresenceEvent> {
        let keys = records.iter().map(|(key, _)| Arc::clone(key)).collect::<Vec<_>>();
        self.change(keys, |nodes| {
            for (key, record) in records {
                nodes.missing.remove(&key);
                nodes.there.set(key, record);
            }
        })
    }

    /// The store has these, and nobody else; and may have forgotten some.
    pub(in crate::broadcast) fn read(
        &mut self,
        records: Vec<(Arc<str>, Record)>,
        has_forgotten: bool,
    ) -> Vec<PresenceEvent> {
        let known = self.there.keys().chain(self.missing.keys());
        let keys = known.chain(records.iter().map(|(key, _)| key)).cloned();
        let keys = keys.collect::<BTreeSet<_>>();
        let told = self.change(keys, |nodes| {
            let before = std::mem::take(&mut nodes.there);
            for (key, record) in records {
                nodes.missing.remove(&key);
                nodes.there.set(key, Some(record));
            }
            if has_forgotten {
                let forgotten = before.into_all();
                let forgotten = forgotten.filter(|(key, _)| nodes.there.get(key).is_none());
                nodes.missing.extend(forgotten);
            }
            nodes.compare();
        });
        if self.knows == Knows::Nothing {
            self.knows = Knows::All;
        }
        self.or_all(told)
    }

    /// Lets go of those whom the store has forgotten and no node has entered again: they have left.
    pub(in crate::broadcast) fn give_up_missing(&mut self) -> Vec<PresenceEvent> {
        let missing = self.missing.keys().cloned().collect::<Vec<_>>();
        let told = self.change(missing, |nodes| nodes.missing.clear());
        self.or_all(told)
    }

    pub(in crate::broadcast) fn misses(&self) -> bool {
        !self.missing.is_empty()
    }

    /// Gives the news as they are, or all members where these are known again.
    fn or_all(&mut self, told: Vec<PresenceEvent>) -> Vec<PresenceEvent> {
        if self.knows == Knows::Part && self.missing.is_empty() {
            self.knows = Knows::All;
            return self.snapshot().into_iter().collect();
        }
        told
    }

    /// The store has not been heard of for so long that nobody knows what has become of the others.
    pub(in crate::broadcast) fn cut_off(&mut self) -> Vec<PresenceEvent> {
        if std::mem::replace(&mut self.knows, Knows::Part) == Knows::Part {
            return Vec::new();
        }
        self.snapshot().into_iter().collect()
    }

    /// Changes that are due for all nodes at this time of the store's.
    pub(in crate::broadcast) fn to_sweep(&self, now: u64) -> Vec<Change> {
        self.there.to_sweep(&self.standing.dead, now)
    }

    /// The time at which the next one who is away has left.
    pub(in crate::broadcast) fn next_due(&self) -> Option<u64> {
        self.there.next_due()
    }

    /// The other nodes that members are at.
    pub(in crate::broadcast) fn others(&self) -> Vec<NodeId> {
        self.there.nodes().filter(|node| !self.is_own(*node)).collect()
    }
}
