//! When to look at which room.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::sync::Arc;

/// Every room is in one of the two queues. That a room is needed no longer is not told by anybody: it is looked
/// at now and then.
pub(super) struct Queues {
    /// For how long a message keeps its room.
    pub(super) keep: Duration,
    /// The rooms that somebody was in at the last look, in the order of the next one.
    needed: VecDeque<(Instant, Arc<str>)>,
    /// Those that nobody was in, by when what they keep is too old.
    vacant: BTreeSet<(Instant, Arc<str>)>,
}

/// A message that is kept for longer is looked at before its time.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

impl Queues {
    pub(super) fn new(keep: Duration) -> Self {
        Self { keep, needed: VecDeque::new(), vacant: BTreeSet::new() }
    }

    /// How long a room that somebody is in is left alone. Always the same, so that the queue is in order.
    fn interval(&self) -> Duration {
        self.keep.clamp(Duration::from_secs(1), Duration::from_secs(60))
    }

    /// How much later than at its time a room may be looked at: a few at once are cheaper.
    pub(super) fn grain(&self) -> Duration {
        (self.keep / 16).clamp(Duration::from_millis(10), Duration::from_secs(1))
    }

    /// Somebody is in the room, or it is new.
    pub(super) fn needed(&mut self, name: Arc<str>, now: Instant) {
        self.needed.push_back((now + self.interval(), name));
    }

    /// Nobody is in the room, and what it keeps is worth it for so long yet.
    pub(super) fn vacant(&mut self, name: Arc<str>, now: Instant, left: Duration) {
        self.vacant.insert((now + left.min(LONGEST), name));
    }

    /// When the next room is to be looked at.
    pub(super) fn next(&self) -> Option<Instant> {
        let needed = self.needed.front().map(|(at, _)| *at);
        let vacant = self.vacant.first().map(|(at, _)| *at);
        needed.into_iter().chain(vacant).min()
    }

    /// Whether whoever looks at the rooms is behind.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        self.next().is_some_and(|at| at + 2 * self.grain() < now)
    }

    /// Takes out a room that is to be looked at.
    pub(super) fn due(&mut self, now: Instant) -> Option<Arc<str>> {
        if self.needed.front().is_some_and(|(at, _)| *at <= now) {
            return self.needed.pop_front().map(|(_, name)| name);
        }
        let due = self.vacant.first().is_some_and(|(at, _)| *at <= now);
        due.then(|| self.vacant.pop_first()).flatten().map(|(_, name)| name)
    }

    /// Takes out the room that is given up next where one has to be, if nobody is in it.
    pub(super) fn next_to_reclaim(&mut self) -> Option<Arc<str>> {
        let vacant = self.vacant.pop_first();
        vacant.or_else(|| self.needed.pop_front()).map(|(_, name)| name)
    }
}
