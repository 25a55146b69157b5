//! What the inspector sees of a set or a room (feature `inspector`): a few numbers, under each lock for a few
//! instructions.

use std::sync::OnceLock;

use super::core::Core;
use super::presence::Presence;
use super::store::StoreLook;
use crate::log::Position;
use crate::sync::Arc;

/// What a set is called: its rooms by the names they are asked for.
#[derive(Debug, Default)]
pub(super) struct Called(OnceLock<(Arc<str>, usize)>);

/// A set as it is at one moment. Numbers of different locks may be from moments a little apart.
#[derive(Debug, Clone)]
pub(crate) struct SetLook {
    /// Names it among all that there are.
    pub(crate) place: usize,
    /// The type of its messages.
    pub(crate) message: &'static str,
    /// The room's name, and the place of the set that it is a room of.
    pub(crate) room: Option<(Arc<str>, usize)>,
    /// Of its last message.
    pub(crate) position: Position,
    /// The place in memory that the next message gets: as many come before it since the set began, and at first
    /// those that a store had.
    pub(crate) head: u64,
    /// Messages that are kept, and the bytes that they take.
    pub(crate) kept: u64,
    pub(crate) bytes: usize,
    pub(crate) readers: usize,
    pub(crate) members: usize,
    /// How often readers were overtaken, and what they missed.
    pub(crate) lagged: u64,
    pub(crate) missed: u64,
    /// Where it outlives the process.
    pub(crate) store: Option<StoreLook>,
}

impl SetLook {
    /// How many messages a reader has before it whose next one this is.
    pub(crate) fn lag(&self, cursor: u64) -> u64 {
        self.head.saturating_sub(cursor)
    }

    /// Where such a reader stands.
    pub(crate) fn position_before(&self, cursor: u64) -> Position {
        let offset = self.position.offset().saturating_sub(self.lag(cursor));
        Position::new(self.position.epoch(), offset)
    }
}

impl Called {
    pub(super) fn room(&self, name: &str, of: usize) {
        self.0.get_or_init(|| (name.into(), of));
    }
}

impl<T> Core<T> {
    pub(super) fn look(&self) -> SetLook {
        let (kept, bytes) = (self.window(), self.log().bytes());
        let stats = self.lag.stats(kept.next - 1, self.clients.len());
        SetLook {
            place: std::ptr::from_ref(self).addr(),
            message: std::any::type_name::<T>(),
            room: self.called.0.get().cloned(),
            position: self.position_before(kept.next),
            head: kept.next,
            kept: kept.next - kept.oldest,
            bytes,
            readers: stats.clients,
            members: self.presence_if_any().map_or(0, |presence| Presence::len(presence)),
            lagged: stats.lagged,
            missed: stats.missed,
            store: self.stored().map(|stored| stored.look()),
        }
    }
}
