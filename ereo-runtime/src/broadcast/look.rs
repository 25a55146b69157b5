//! What the inspector sees of a set or a room (feature `inspector`): a few numbers, under each lock for a few
//! instructions.

use std::sync::OnceLock;

use super::core::Core;
use super::presence::Presence;
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
    pub(crate) epoch: String,
    /// The offset that the next message gets.
    pub(crate) head: u64,
    /// Messages that are kept, and the bytes that they take.
    pub(crate) kept: u64,
    pub(crate) bytes: usize,
    pub(crate) readers: usize,
    pub(crate) members: usize,
    /// How often readers were overtaken, and what they missed.
    pub(crate) lagged: u64,
    pub(crate) missed: u64,
}

impl Called {
    pub(super) fn room(&self, name: &str, of: usize) {
        self.0.get_or_init(|| (name.into(), of));
    }
}

impl<T> Core<T> {
    pub(super) fn look(&self) -> SetLook {
        let (kept, bytes) = self.log().glance();
        let stats = self.lag.stats(kept.next - 1, self.clients.len());
        SetLook {
            place: std::ptr::from_ref(self).addr(),
            message: std::any::type_name::<T>(),
            room: self.called.0.get().cloned(),
            epoch: self.epoch().to_string(),
            head: kept.next,
            kept: kept.next - kept.oldest,
            bytes,
            readers: stats.clients,
            members: self.presence_if_any().map_or(0, |presence| Presence::len(presence)),
            lagged: stats.lagged,
            missed: stats.missed,
        }
    }
}
