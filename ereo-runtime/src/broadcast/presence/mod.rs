//! Who is in a set: members, and the news of them.
//!
//! State and news change under one lock, so that a snapshot and the events behind it fit without a
//! gap. The news are a log like the set's own; a reader that falls out of it gets a new snapshot.
//!
//! Of a set that several servers have in common the members of all are there: `roster` says which it is, `nodes` what is
//! known of the others, and `store::present` keeps that as the store has it.

mod event;
pub(crate) mod member;
mod messages;
mod nodes;
mod outside;
mod roster;
mod state;
pub(crate) mod stream;

use std::time::Duration;

use tokio::time::Instant;

pub use event::PresenceEvent;
pub use member::Member;
pub(crate) use member::{Entered, Info, Who};
#[doc(hidden)]
pub use messages::OfPresence;
pub use messages::PresenceMessages;
pub(super) use nodes::Nodes;
pub(super) use outside::Outside;
use roster::Roster;
use state::State;
pub use stream::PresenceEvents;

use super::mailboxes::SeatKey;
use crate::ending::Ending;
use crate::log::{Limits, Reader, Round, Shared};
use crate::sync::{Arc, Mutex, lock};

/// News that a slow reader may be behind before it gets a snapshot instead: so many, and bytes of memory.
const NEWS: usize = 256;
const NEWS_BYTES: usize = 1 << 20;

/// The presence of one set; made with its first member or reader.
pub(crate) struct Presence {
    state: Mutex<Roster>,
    news: Arc<Shared<PresenceEvent>>,
    /// The side for other nodes, where the set has it in common with them.
    outside: Option<Arc<Outside>>,
}

impl Presence {
    pub(super) fn new(grace: Duration) -> Arc<Self> {
        Self::of(Roster::Alone(State::new(grace)), None)
    }

    fn of(roster: Roster, outside: Option<Arc<Outside>>) -> Arc<Self> {
        // A reader that falls behind loses nothing: it gets a snapshot.
        let young = Duration::ZERO;
        let news = Shared::new(Limits { count: NEWS, young, bytes: NEWS_BYTES, age: None });
        Arc::new(Self { state: Mutex::new(roster), news, outside })
    }

    /// Enters a connection until what is returned is dropped.
    pub(super) fn enter(self: &Arc<Self>, who: Who, entered: Entered) -> Box<Stay> {
        let (key, seat) = (Arc::clone(&who.key), entered.seat);
        self.change(|state, _, told| state.enter(who, entered, told));
        self.has_news_for_others();
        Box::new(Stay { whose: Whose { presence: Arc::clone(self), key }, seat })
    }

    /// Ends the connections of a member, each behind what was broadcast before `head`; how many were told.
    pub(super) fn end(&self, key: &str, ending: &Ending, head: u64) -> usize {
        let connections = self.connections(key);
        let told = |entered: &&Entered| entered.queue.end(ending, Some((entered.seat, head)));
        connections.iter().filter(told).count()
    }

    /// The connections of a member.
    pub(super) fn connections(&self, key: &str) -> Vec<Entered> {
        lock(&self.state).connections(key)
    }

    /// How many members there are, those who are away for less than the grace time included.
    #[cfg(feature = "inspector")]
    pub(super) fn len(&self) -> usize {
        lock(&self.state).len()
    }

    /// Those who are there or away for less than the grace time.
    pub(super) fn members(&self) -> Vec<Member> {
        self.change(|state, _, _| state.members())
    }

    pub(super) fn events(self: &Arc<Self>) -> PresenceEvents {
        // Where it begins does not matter: it begins with a snapshot.
        PresenceEvents::new(Arc::clone(self), Reader::new(Arc::clone(&self.news), 1))
    }

    /// The set is gone: readers end behind what was told.
    pub(super) fn close(&self) {
        self.news.close();
        if let Some(outside) = &self.outside {
            outside.end();
        }
    }

    /// Whether nobody is there, nor away, nor reads; `self` is the set's own handle.
    pub(super) fn is_forgotten(self: &Arc<Self>) -> bool {
        // Connections and readers hold it. Without them there is nobody to wake either.
        Arc::strong_count(self) == 1 && self.change(|state, _, _| state.is_empty())
    }

    /// A reader is being dropped. With the last one nobody reads what was told.
    fn reader_left(&self) {
        let state = lock(&self.state);
        // The reader itself, and this. One that begins meanwhile begins with a snapshot.
        let gone = if Arc::strong_count(&self.news) == 2 { self.news.take() } else { Vec::new() };
        drop(state);
        drop(gone);
    }

    /// All who are there; `reader` goes on with what is told behind that. None while that is not known yet: whoever
    /// waits for it waits in the log.
    fn snapshot(&self, reader: &mut Reader<PresenceEvent>) -> Option<PresenceEvent> {
        self.change(|state, _, _| {
            reader.skip_to(self.news.window(Duration::ZERO).next);
            state.snapshot()
        })
    }

    /// Tells of those who have been away for too long: whether there were any, and when there will be.
    fn settle(&self) -> (bool, Option<Instant>) {
        let mut state = lock(&self.state);
        let left = state.settle(Instant::now());
        let any = !left.is_empty();
        let deadline = state.deadline();
        let rounds = self.tell(left);
        drop(state);
        drop(rounds);
        (any, deadline)
    }

    fn leave(&self, key: &Arc<str>, seat: SeatKey) {
        let (first_away, gone) = self.change(|state, now, told| {
            let nobody_was = state.deadline().is_none();
            let (left, gone) = state.leave(key, seat, now);
            told.extend(left);
            (nobody_was && state.deadline().is_some(), gone)
        });
        drop(gone);
        self.has_news_for_others();
        // The readers own the timers. With somebody away before they have one, and it is earlier.
        if first_away {
            self.news.rouse();
        }
    }

    /// Looks at the state as it is now, changes it, and tells what became of it.
    fn change<R>(
        &self,
        change: impl FnOnce(&mut Roster, Instant, &mut Vec<PresenceEvent>) -> R,
    ) -> R {
        let mut state = lock(&self.state);
        let now = Instant::now();
        let mut rounds = self.tell(state.settle(now));
        let mut told = Vec::new();
        let result = change(&mut state, now, &mut told);
        rounds.extend(self.tell(told));
        drop(state);
        // Wakes the readers.
        drop(rounds);
        result
    }

    /// Under the state's lock, so that the news are in the order of what happened.
    fn tell(&self, news: Vec<PresenceEvent>) -> Vec<Round<PresenceEvent>> {
        // A reader begins with a snapshot: where there is none nothing has to be kept.
        if Arc::strong_count(&self.news) == 1 {
            return Vec::new();
        }
        let push = |event: PresenceEvent| {
            let size = event.cost();
            self.news.push(|| Duration::ZERO, |_| (event, size)).1
        };
        news.into_iter().map(push).collect()
    }
}

/// A connection of a member; leaves when it is dropped.
pub(crate) struct Stay {
    whose: Whose,
    seat: SeatKey,
}

/// Names the member that a connection is of.
#[derive(Clone)]
pub(crate) struct Whose {
    presence: Arc<Presence>,
    key: Arc<str>,
}

impl Stay {
    pub(super) fn whose(&self) -> &Whose {
        &self.whose
    }
}

impl Whose {
    /// Gives the member another info; without effect once it has left.
    pub(crate) fn update(&self, info: Info) {
        self.presence.change(|state, _, told| state.update(&self.key, info, told));
        self.presence.has_news_for_others();
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.whose.presence.leave(&self.whose.key, self.seat);
    }
}
