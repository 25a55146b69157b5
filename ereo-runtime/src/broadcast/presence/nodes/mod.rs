//! Members at all nodes, as far as this one knows them: pure data, no lock, no clock.
//!
//! News are the difference between what was known and what is: whoever applies them to a snapshot has the next
//! snapshot, whichever way it came to be known. Nobody leaves before the store has said so.

mod leaving;
mod records;
mod there;

use std::collections::{BTreeMap, BTreeSet};

use leaving::Leaving;
use records::Records;

use super::event::PresenceEvent;
use super::member::{Entered, Info, Member, Who};
use crate::broadcast::mailboxes::SeatKey;
use crate::broadcast::store::members::{Change, NodeId, Record, Standing};
use crate::sync::Arc;

/// So many members are told to the store at once.
const AT_ONCE: usize = 128;

#[derive(Default)]
pub(in crate::broadcast) struct Nodes {
    /// Members with a connection here, or with one that is gone and that the store still has.
    here: BTreeMap<Arc<str>, Own>,
    /// Of these, those without one.
    leaving: Leaving,
    /// All members, as the store has them.
    there: Records,
    /// Members that the store has forgotten, until the nodes that have their connections tell it again.
    missing: BTreeMap<Arc<str>, Record>,
    /// Of whom the store is to be told.
    untold: BTreeSet<Arc<str>>,
    standing: Standing,
    knows: Knows,
}

/// Knowledge of the members at all nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Knows {
    /// The store was not asked yet.
    #[default]
    Nothing,
    /// The members from before the store was lost, and what has happened here since.
    Part,
    All,
}

struct Own {
    info: Info,
    /// True if it replaces what the store has.
    gives: bool,
    connections: Vec<Entered>,
    /// True if the store may know of it.
    is_entered: bool,
    /// Its place among those that leave.
    leaving: Option<u64>,
    /// Which change of it this is.
    change: u64,
}

impl Own {
    fn changes(&mut self, gives: bool) {
        self.gives |= gives;
        self.change += 1;
    }
}

/// Changes that the store is told, with the number of each member's change.
pub(in crate::broadcast) struct Said {
    pub(in crate::broadcast) changes: Vec<Change>,
    pub(in crate::broadcast) of: Vec<(Arc<str>, u64)>,
}

impl Nodes {
    fn look(&self, key: &Arc<str>) -> Option<Member> {
        let own = self.here.get(key);
        let kept = self.there.get(key).or_else(|| self.missing.get(key));
        let given = own.filter(|own| own.gives || kept.is_none()).map(|own| &own.info);
        let info = given.or(kept.map(|kept| &kept.info))?.clone();
        let others = kept.iter().flat_map(|kept| &kept.nodes);
        let others = others.filter(|(node, _)| !self.is_own(*node)).map(|(_, count)| count);
        let connections = own.map_or(0, |own| own.connections.len()) + others.sum::<usize>();
        Some(Member { key: Arc::clone(key), info, connections })
    }

    fn is_own(&self, node: NodeId) -> bool {
        self.standing.node == Some(node) || self.standing.former.contains(&node)
    }

    /// Changes these members; what is to be told of it.
    fn change(
        &mut self,
        keys: impl IntoIterator<Item = Arc<str>>,
        change: impl FnOnce(&mut Self),
    ) -> Vec<PresenceEvent> {
        let before = keys.into_iter().map(|key| (self.look(&key), key)).collect::<Vec<_>>();
        change(self);
        let told = before.into_iter().filter_map(|(before, key)| match (before, self.look(&key)) {
            (None, Some(member)) => Some(PresenceEvent::Joined(member)),
            (Some(before), Some(member)) => {
                (before.info != member.info).then_some(PresenceEvent::Updated(member))
            }
            (Some(before), None) => Some(PresenceEvent::Left(Member { connections: 0, ..before })),
            (None, None) => None,
        });
        told.collect()
    }

    /// Adds a connection here.
    pub(super) fn enter(&mut self, who: Who, entered: Entered) -> Vec<PresenceEvent> {
        let Who { key, info } = who;
        self.change([Arc::clone(&key)], |nodes| {
            let own = nodes.here.entry(Arc::clone(&key)).or_insert_with(|| Own {
                info: info.clone(),
                gives: true,
                connections: Vec::new(),
                is_entered: false,
                leaving: None,
                change: 0,
            });
            own.connections.push(entered);
            own.info = info;
            own.changes(true);
            nodes.leaving.stays(own.leaving.take());
            nodes.untold.insert(key);
        })
    }

    /// Gives a member that has a connection here another info.
    pub(super) fn update(&mut self, key: &Arc<str>, info: Info) -> Vec<PresenceEvent> {
        self.change([Arc::clone(key)], |nodes| {
            if let Some(own) = nodes.here.get_mut(key).filter(|own| !own.connections.is_empty()) {
                own.info = info;
                own.changes(true);
                nodes.untold.insert(Arc::clone(key));
            }
        })
    }

    /// The connections here.
    pub(super) fn connections(&self, key: &str) -> Vec<Entered> {
        self.here.get(key).map_or_else(Vec::new, |own| own.connections.clone())
    }

    /// Takes a connection away, to be dropped where nothing is locked. Its member stays until the store has been told.
    pub(super) fn leave(
        &mut self,
        key: &Arc<str>,
        seat: SeatKey,
    ) -> (Vec<PresenceEvent>, Option<Entered>) {
        let Some(own) = self.here.get_mut(key) else { return (Vec::new(), None) };
        let at = own.connections.iter().position(|entered| entered.seat == seat);
        let gone = at.map(|at| own.connections.swap_remove(at));
        if gone.is_some() {
            own.changes(false);
            self.untold.insert(Arc::clone(key));
            if own.connections.is_empty() {
                let bytes = key.len() + own.info.len();
                own.leaving = Some(self.leaving.leaves(Arc::clone(key), bytes));
            }
        }
        // While the store is away for long, the first of them are forgotten: it is told when it is read again.
        let dropped = self.leaving.surplus();
        let told = self.change(dropped.clone(), |nodes| {
            for key in &dropped {
                nodes.here.remove(key);
                nodes.untold.remove(key);
            }
        });
        (told, gone)
    }

    pub(super) fn is_known(&self) -> bool {
        self.knows != Knows::Nothing
    }

    /// All that is known, and whether it is all, in the order of the keys.
    pub(super) fn snapshot(&self) -> Option<PresenceEvent> {
        let members = self.members();
        match self.knows {
            Knows::Nothing => None,
            Knows::Part => Some(PresenceEvent::Incomplete { members }),
            Knows::All => Some(PresenceEvent::Members { members }),
        }
    }

    pub(super) fn members(&self) -> Vec<Member> {
        let keys = self.here.keys().chain(self.there.keys()).chain(self.missing.keys());
        let keys = keys.collect::<BTreeSet<_>>();
        keys.into_iter().filter_map(|key| self.look(key)).collect()
    }

    #[cfg(feature = "inspector")]
    pub(super) fn len(&self) -> usize {
        let keys = self.here.keys().chain(self.there.keys()).chain(self.missing.keys());
        keys.collect::<BTreeSet<_>>().len()
    }

    /// True if nobody is here, and the store knows that.
    pub(super) fn is_empty(&self) -> bool {
        self.here.is_empty() && self.untold.is_empty()
    }

    /// Takes what the store is to be told, also what it did not hear the last time.
    pub(in crate::broadcast) fn say(&mut self) -> Said {
        let mut said = Said { changes: Vec::new(), of: Vec::new() };
        for key in self.untold.iter().take(AT_ONCE) {
            let here = |connections, gives, info: &Info| {
                let (key, info) = (Arc::clone(key), info.clone());
                Change::Here { key, connections, gives, info }
            };
            let Some(own) = self.here.get_mut(key) else {
                let stray = self.there.get(key).map(|record| here(0, false, &record.info));
                said.changes.extend(stray);
                said.of.push((Arc::clone(key), 0));
                continue;
            };
            let count = own.connections.len();
            if count == 0 && !own.is_entered {
                // It was there, if only for a moment: its grace time begins.
                said.changes.push(here(1, own.gives, &own.info));
            }
            said.changes.push(here(count, own.gives, &own.info));
            own.is_entered = true;
            said.of.push((Arc::clone(key), own.change));
        }
        said
    }

    /// Something is to be told that has not been said yet.
    pub(in crate::broadcast) fn has_to_say(&self) -> bool {
        !self.untold.is_empty()
    }

    /// The store knows it.
    pub(in crate::broadcast) fn heard(&mut self, of: Vec<(Arc<str>, u64)>) -> Vec<PresenceEvent> {
        let keys = of.iter().map(|(key, _)| Arc::clone(key)).collect::<Vec<_>>();
        self.change(keys, |nodes| {
            for (key, change) in of {
                let own = nodes.here.get_mut(&key);
                if own.as_ref().map_or(0, |own| own.change) != change {
                    continue;
                }
                nodes.untold.remove(&key);
                let Some(own) = own else { continue };
                own.gives = false;
                if own.connections.is_empty() {
                    nodes.leaving.stays(own.leaving.take());
                    nodes.here.remove(&key);
                }
            }
        })
    }
}
