//! Who is there, and who is away for how long yet: pure data, no lock, no clock.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::event::PresenceEvent;
use super::member::Member;
use super::member::{Info, Who};
use crate::sync::Arc;

pub(super) struct State {
    /// How long a member may be without a connection before it has left.
    grace: Duration,
    members: BTreeMap<Arc<str>, Present>,
    /// Those without a connection, by the order in which they went, which is that of their deadlines.
    away: BTreeMap<u64, (Instant, Arc<str>)>,
    /// How often one went away.
    departures: u64,
}

struct Present {
    info: Info,
    connections: usize,
    /// Its place in `away`.
    away: Option<u64>,
}

impl Present {
    fn as_member(&self, key: &Arc<str>) -> Member {
        Member { key: Arc::clone(key), info: self.info.clone(), connections: self.connections }
    }
}

impl State {
    pub(super) fn new(grace: Duration) -> Self {
        Self { grace, members: BTreeMap::new(), away: BTreeMap::new(), departures: 0 }
    }

    /// Adds a connection.
    pub(super) fn enter(&mut self, who: Who) -> Option<PresenceEvent> {
        let Who { key, info } = who;
        let Some(present) = self.members.get_mut(&key) else {
            let present = Present { info, connections: 1, away: None };
            let joined = PresenceEvent::Joined(present.as_member(&key));
            self.members.insert(key, present);
            return Some(joined);
        };
        present.connections += 1;
        if let Some(departure) = present.away.take() {
            self.away.remove(&departure);
        }
        self.update(&key, info)
    }

    /// Gives a member that is there another info.
    pub(super) fn update(&mut self, key: &Arc<str>, info: Info) -> Option<PresenceEvent> {
        let present = self.members.get_mut(key)?;
        if present.info == info {
            return None;
        }
        present.info = info;
        Some(PresenceEvent::Updated(present.as_member(key)))
    }

    /// Takes a connection of a member away. Without a grace time the last one's end is the member's.
    pub(super) fn leave(&mut self, key: &Arc<str>, now: Instant) -> Option<PresenceEvent> {
        let present = self.members.get_mut(key)?;
        present.connections -= 1;
        if present.connections > 0 {
            return None;
        }
        if self.grace.is_zero() {
            return self.remove(key);
        }
        self.departures += 1;
        present.away = Some(self.departures);
        self.away.insert(self.departures, (now + self.grace, Arc::clone(key)));
        None
    }

    /// Removes those who have been away for the grace time.
    pub(super) fn settle(&mut self, now: Instant) -> Vec<PresenceEvent> {
        let mut left = Vec::new();
        while let Some(first) = self.away.first_entry()
            && first.get().0 <= now
        {
            let (_, key) = first.remove();
            left.extend(self.remove(&key));
        }
        left
    }

    fn remove(&mut self, key: &Arc<str>) -> Option<PresenceEvent> {
        let (key, present) = self.members.remove_entry(key)?;
        Some(PresenceEvent::Left(present.as_member(&key)))
    }

    /// When the next one who is away will have left.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.away.first_key_value().map(|(_, (deadline, _))| *deadline)
    }

    /// In the order of their keys.
    pub(super) fn members(&self) -> Vec<Member> {
        self.members.iter().map(|(key, present)| present.as_member(key)).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}
