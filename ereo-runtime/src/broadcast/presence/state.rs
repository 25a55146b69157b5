//! Who is there, and who is away for how long yet: pure data, no lock, no clock.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::event::PresenceEvent;
use super::member::{Entered, Info, Member, Who};
use crate::broadcast::mailboxes::SeatKey;
use crate::sync::Arc;

pub(super) struct State {
    /// How long a member may be without a connection before it has left.
    grace: Duration,
    members: BTreeMap<Arc<str>, Present>,
    /// Those without a connection, by the order in which they went, which is that of their deadlines.
    away: BTreeMap<u64, Away>,
    /// Bytes of all of them.
    away_bytes: usize,
    /// How often one went away.
    departures: u64,
}

/// Bytes of memory that those without a connection take; the one who has been away longest has left where it
/// would be more. Who comes and goes under ever new keys takes no more, however long the grace time is.
const AWAY_BYTES: usize = 8 << 20;

/// Bytes of its places, here and among the members.
const PLACES: usize = 128;

struct Away {
    until: Instant,
    key: Arc<str>,
    bytes: usize,
}

struct Present {
    info: Info,
    connections: Vec<Entered>,
    /// Its place in `away`.
    away: Option<u64>,
}

impl Present {
    fn as_member(&self, key: &Arc<str>) -> Member {
        Member {
            key: Arc::clone(key),
            info: self.info.clone(),
            connections: self.connections.len(),
        }
    }
}

impl State {
    pub(super) fn new(grace: Duration) -> Self {
        Self {
            grace,
            members: BTreeMap::new(),
            away: BTreeMap::new(),
            away_bytes: 0,
            departures: 0,
        }
    }

    /// Adds a connection.
    pub(super) fn enter(&mut self, who: Who, entered: Entered) -> Option<PresenceEvent> {
        let Who { key, info } = who;
        let Some(present) = self.members.get_mut(&key) else {
            let present = Present { info, connections: vec![entered], away: None };
            let joined = PresenceEvent::Joined(present.as_member(&key));
            self.members.insert(key, present);
            return Some(joined);
        };
        present.connections.push(entered);
        if let Some(away) = present.away.take().and_then(|departure| self.away.remove(&departure)) {
            self.away_bytes -= away.bytes;
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

    /// How many members there are.
    #[cfg(feature = "inspector")]
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// The connections of a member.
    pub(super) fn connections(&self, key: &str) -> Vec<Entered> {
        self.members.get(key).map_or_else(Vec::new, |present| present.connections.clone())
    }

    /// Takes a connection of a member away, to be dropped where nothing is locked; and who has left for that.
    /// Without a grace time the last one's end is the member's.
    pub(super) fn leave(
        &mut self,
        key: &Arc<str>,
        seat: SeatKey,
        now: Instant,
    ) -> (Vec<PresenceEvent>, Option<Entered>) {
        let Some(present) = self.members.get_mut(key) else { return (Vec::new(), None) };
        let at = present.connections.iter().position(|entered| entered.seat == seat);
        let gone = at.map(|at| present.connections.swap_remove(at));
        let is_last = gone.is_some() && present.connections.is_empty();
        (if is_last { self.last_left(key, now) } else { Vec::new() }, gone)
    }

    fn last_left(&mut self, key: &Arc<str>, now: Instant) -> Vec<PresenceEvent> {
        if self.grace.is_zero() {
            return self.remove(key).into_iter().collect();
        }
        let Some(present) = self.members.get_mut(key) else { return Vec::new() };
        self.departures += 1;
        present.away = Some(self.departures);
        let (until, bytes) = (now + self.grace, PLACES + present.as_member(key).cost());
        self.away.insert(self.departures, Away { until, key: Arc::clone(key), bytes });
        self.away_bytes += bytes;
        self.settle(now)
    }

    /// Removes those who have been away for the grace time, or for longer than there is room for.
    pub(super) fn settle(&mut self, now: Instant) -> Vec<PresenceEvent> {
        let mut left = Vec::new();
        while let Some(first) = self.away.first_entry()
            && (first.get().until <= now || self.away_bytes > AWAY_BYTES)
        {
            let Away { key, bytes, .. } = first.remove();
            self.away_bytes -= bytes;
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
        self.away.first_key_value().map(|(_, away)| away.until)
    }

    /// In the order of their keys.
    pub(super) fn members(&self) -> Vec<Member> {
        self.members.iter().map(|(key, present)| present.as_member(key)).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}
