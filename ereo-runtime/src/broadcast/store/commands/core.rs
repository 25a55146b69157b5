//! A set, as commands reach it.

use std::collections::HashSet;

use tokio::sync::Notify;

use super::patience::Late;
use super::sets::Commanded;
use crate::broadcast::Who;
use crate::broadcast::core::Core;
use crate::broadcast::store::Stored;
use crate::ending::Ending;
use crate::message::Message;
use crate::sync::Arc;
use crate::wire::encode_message;

/// From now on commands reach the set.
pub(in crate::broadcast::store) fn join<T>(core: &Arc<Core<T>>)
where
    T: Message + Clone + Send + Sync + 'static,
{
    let Some(stored) = core.stored() else { return };
    if let Some(sets) = stored.commanded() {
        let set: Arc<dyn Commanded> = Arc::clone(core) as _;
        sets.enter(stored.key().clone(), Arc::downgrade(&set));
    }
}

impl<T> Stored<T> {
    /// Commands do not reach the set at this place any more.
    pub(in crate::broadcast) fn leave_commands(&self, place: usize) {
        if let Some(sets) = self.commanded() {
            sets.leave(self.key(), place);
        }
    }
}

impl<T: Message + Clone + Send + Sync + 'static> Commanded for Core<T> {
    fn end(&self, who: Who<'_>, ending: &Ending) -> usize {
        Self::end(self, who, ending)
    }

    fn deliver(&self, who: Who<'_>, payload: &str) -> Vec<Late> {
        let (Some(stored), sockets) = (self.stored(), self.sockets(who)) else { return Vec::new() };
        if sockets.is_empty() {
            return Vec::new();
        }
        let value = stored.value(payload.as_bytes()).map_err(|error| error.to_string());
        let frame = value
            .and_then(|value| encode_message(&value).map_err(|error| error.to_string()))
            .inspect_err(|error| {
                let log = stored.key().as_str();
                tracing::error!(log, error, "a message of another node cannot be read");
            });
        let (Ok(frame), head) = (frame, self.window().next) else { return Vec::new() };
        let late = |(seat, queue)| Late { queue, seat, frame: frame.clone(), head };
        sockets.into_iter().map(late).filter(|late| !late.is_done()).collect()
    }

    fn reached(&self, who: Who<'_>, places: &mut HashSet<usize>) -> usize {
        Self::reached(self, who, places)
    }

    fn last_taken(&self) -> Option<u64> {
        self.stored().and_then(|stored| stored.last_taken())
    }

    fn is_shown(&self, number: u64) -> bool {
        self.stored().is_none_or(|stored| stored.is_shown(number))
    }

    fn look(&self) -> u64 {
        self.stored().map_or(0, |stored| stored.ask())
    }

    fn has_looked(&self, number: u64) -> bool {
        self.stored().is_none_or(|stored| stored.has_looked(number))
    }

    fn changed(&self) -> Arc<Notify> {
        self.stored().map_or_else(Arc::default, |stored| stored.changed())
    }
}
