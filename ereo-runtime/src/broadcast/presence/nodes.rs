//! Who is there at all nodes, as far as this one knows: pure data, no lock, no clock.
//!
//! What is told is the difference between what was known and what is, so that whoever applies the news to a snapshot has
//! what the next snapshot says, whichever way it came to be known. Nobody leaves before the store has said so.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::event::PresenceEvent;
use super::leaving::Leaving;
use super::member::{Entered, Info, Member, Who};
use crate::broadcast::mailboxes::SeatKey;
use crate::broadcast::store::members::{Change, NodeId, Record, Standing};
use crate::sync::Arc;

/// So many members are told to the store at once.
const AT_ONCE: usize = 128;

/// Bytes of memory of those who are away at all nodes.
const AWAY_BYTES: usize = 8 << 20;

#[derive(Default)]
pub(in crate::broadcast) struct Nodes {
    /// Who has a connection here, or had one as the store has it yet.
    here: BTreeMap<Arc<str>, Own>,
    /// Of these, those without one.
    leaving: Leaving,
    /// All members, as the store has them.
    there: BTreeMap<Arc<str>, Record>,
    /// Whom the store has forgotten: the nodes that they are at may tell it again.
    missing: BTreeMap<Arc<str>, Record>,
    /// Of whom the store is to be told.
    untold: BTreeSet<Arc<str>>,
    /// Who is away, by the time at which they have left, and the bytes of them.
    away: BTreeSet<(u64, Arc<str>)>,
    away_bytes: usize,
    /// With how many members each node has connections.
    at: HashMap<NodeId, usize>,
    standing: Standing,
    knows: Knows,
}

/// How much is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Knows {
    /// The store was not asked yet.
    #[default]
    Nothing,
    /// What was so before the store was lost, and what has happened here.
    Part,
    All,
}

struct Own {
    info: Info,
    /// Whether that takes the place of what the store has.
    gives: bool,
    connections: Vec<Entered>,
    /// Whether the store may know of it.
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

/// What the store is told, and which change of each member that is.
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

    /// Whether nobody is here, and the store knows that.
    pub(super) fn is_empty(&self) -> bool {
        self.here.is_empty() && self.untold.is_empty()
    }

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
            let nodes = there.get(*key).map_or(&[][..], |record| &record.nodes[..]);
            nodes.iter().any(|(at, count)| Some(*at) == node && *count == own.connections.len())
        };
        let here = self.here.iter().filter(|own| !is_kept(own)).map(|(key, _)| Arc::clone(key));
        let strays = there.iter().filter(|(key, record)| {
            record.nodes.iter().any(|(node, _)| self.is_own(*node)) && !self.here.contains_key(*key)
        });
        let untold = here.chain(strays.map(|(key, _)| Arc::clone(key))).collect::<Vec<_>>();
        self.untold.extend(untold);
    }

    /// What the store is to be told, or once more where it was not heard.
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

    /// The store has changed these.
    pub(in crate::broadcast) fn changed(
        &mut self,
        records: Vec<(Arc<str>, Option<Record>)>,
    ) -> Vec<PresenceEvent> {
        let keys = records.iter().map(|(key, _)| Arc::clone(key)).collect::<Vec<_>>();
        self.change(keys, |nodes| {
            for (key, record) in records {
                nodes.missing.remove(&key);
                nodes.set(key, record);
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
            (nodes.away, nodes.away_bytes) = Default::default();
            nodes.at.clear();
            for (key, record) in records {
                nodes.missing.remove(&key);
                nodes.set(key, Some(record));
            }
            if has_forgotten {
                let forgotten =
                    before.into_iter().filter(|(key, _)| !nodes.there.contains_key(key));
                nodes.missing.extend(forgotten);
            }
            nodes.compare();
        });
        if self.knows == Knows::Nothing {
            self.knows = Knows::All;
        }
        self.or_all(told)
    }

    /// Whom the store has forgotten and nobody has entered again is not there.
    pub(in crate::broadcast) fn give_up_missing(&mut self) -> Vec<PresenceEvent> {
        let missing = self.missing.keys().cloned().collect::<Vec<_>>();
        let told = self.change(missing, |nodes| nodes.missing.clear());
        self.or_all(told)
    }

    pub(in crate::broadcast) fn misses(&self) -> bool {
        !self.missing.is_empty()
    }

    /// What is to be told of it, or all members where they are known again.
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

    /// Who is at one of these, or is away for too long at this time of the store's, or is one too many.
    pub(in crate::broadcast) fn to_sweep(&self, now: u64) -> Vec<Change> {
        let mut sweep = Vec::new();
        let dead = &self.standing.dead;
        if self.at.keys().any(|node| dead.contains(node)) {
            for (key, record) in &self.there {
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
            bytes -= self.there.get(key).map_or(0, |record| away_bytes(key, record));
            sweep.push(Change::Due { key: Arc::clone(key), whatever });
        }
        sweep.truncate(AT_ONCE);
        sweep
    }

    /// When the next one who is away has left.
    pub(in crate::broadcast) fn next_due(&self) -> Option<u64> {
        self.away.first().map(|(until, _)| *until)
    }

    /// The other nodes that members are at.
    pub(in crate::broadcast) fn others(&self) -> Vec<NodeId> {
        self.at.keys().copied().filter(|node| !self.is_own(*node)).collect()
    }

    fn set(&mut self, key: Arc<str>, record: Option<Record>) {
        if let Some(before) = self.there.remove(&key) {
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
        self.there.insert(key, record);
    }
}

/// With its places.
fn away_bytes(key: &str, record: &Record) -> usize {
    const PLACES: usize = 256;
    PLACES + key.len() + record.info.len()
}
