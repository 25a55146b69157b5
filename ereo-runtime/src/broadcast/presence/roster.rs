//! Whose presence it is: that of this process alone, or of all nodes.

use tokio::time::Instant;

use super::event::PresenceEvent;
use super::member::{Entered, Info, Member, Who};
use super::nodes::Nodes;
use super::state::State;
use crate::broadcast::mailboxes::SeatKey;
use crate::sync::Arc;

pub(super) enum Roster {
    Alone(State),
    /// Of a set whose store keeps its members for all.
    Nodes(Box<Nodes>),
}

impl Roster {
    pub(super) fn enter(&mut self, who: Who, entered: Entered, told: &mut Vec<PresenceEvent>) {
        match self {
            Self::Alone(state) => told.extend(state.enter(who, entered)),
            Self::Nodes(nodes) => told.extend(nodes.enter(who, entered)),
        }
    }

    pub(super) fn update(&mut self, key: &Arc<str>, info: Info, told: &mut Vec<PresenceEvent>) {
        match self {
            Self::Alone(state) => told.extend(state.update(key, info)),
            Self::Nodes(nodes) => told.extend(nodes.update(key, info)),
        }
    }

    /// How many members there are.
    #[cfg(feature = "inspector")]
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Alone(state) => state.len(),
            Self::Nodes(nodes) => nodes.len(),
        }
    }

    /// The connections of a member to this process.
    pub(super) fn connections(&self, key: &str) -> Vec<Entered> {
        match self {
            Self::Alone(state) => state.connections(key),
            Self::Nodes(nodes) => nodes.connections(key),
        }
    }

    /// Takes a connection of a member away, to be dropped where nothing is locked; and who has left for that.
    pub(super) fn leave(
        &mut self,
        key: &Arc<str>,
        seat: SeatKey,
        now: Instant,
    ) -> (Vec<PresenceEvent>, Option<Entered>) {
        match self {
            Self::Alone(state) => state.leave(key, seat, now),
            Self::Nodes(nodes) => nodes.leave(key, seat),
        }
    }

    /// Removes those who have been away for too long; the store sees to those of all nodes.
    pub(super) fn settle(&mut self, now: Instant) -> Vec<PresenceEvent> {
        match self {
            Self::Alone(state) => state.settle(now),
            Self::Nodes(_) => Vec::new(),
        }
    }

    /// The moment at which the next one who is away has left, if no other node sees to that.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Alone(state) => state.deadline(),
            Self::Nodes(_) => None,
        }
    }

    /// In the order of their keys.
    pub(super) fn members(&self) -> Vec<Member> {
        match self {
            Self::Alone(state) => state.members(),
            Self::Nodes(nodes) => nodes.members(),
        }
    }

    /// The same as news; none while nobody knows yet.
    pub(super) fn snapshot(&self) -> Option<PresenceEvent> {
        match self {
            Self::Alone(state) => Some(PresenceEvent::Members { members: state.members() }),
            Self::Nodes(nodes) => nodes.snapshot(),
        }
    }

    /// True if this process has nobody to keep in mind.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Alone(state) => state.is_empty(),
            Self::Nodes(nodes) => nodes.is_empty(),
        }
    }
}
