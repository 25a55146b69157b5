//! The rooms of a set: sets of their own, made on first use and freed when nobody needs them.

mod janitor;
pub(crate) mod ledger;
mod of_set;
mod queues;
pub(crate) mod quota;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::builder::Settings;
use super::core::Standing;
use super::set::ClientSet;
use super::store::LogKey;
use crate::sync::{Arc, Mutex, lock};
use janitor::Janitor;
use queues::Queues;

pub use crate::message::RoomRefused;
pub(super) use ledger::Account;
pub(super) use quota::Quota;

/// How long an empty room's messages are kept for those who come back, where the set has no `max_age`.
const KEEP: Duration = Duration::from_secs(300);

/// Bytes of a name.
const LONGEST_NAME: usize = 255;

/// So many rooms are looked at before the lock is let go of.
const STRIDE: usize = 64;

/// How many rooms are looked at for one that is empty, for so long after all were looked at in vain.
const FEW: usize = 8;
const IN_VAIN: Duration = Duration::from_secs(1);

pub(super) struct Rooms<T> {
    inner: Mutex<Inner<T>>,
    settings: Arc<Settings<T>>,
    quota: Arc<Quota<T>>,
    /// That of the set that these are of, where it has a store.
    key: Option<LogKey>,
}

struct Inner<T> {
    rooms: HashMap<Arc<str>, ClientSet<T>>,
    queues: Queues,
    janitor: Janitor,
    /// When all rooms were looked at, and somebody was in each.
    in_vain: Option<Instant>,
}

/// What a look at a few rooms has come to.
struct Swept<T> {
    /// To be dropped where nothing is locked: a message's own `drop` may call into the set.
    freed: Vec<ClientSet<T>>,
    /// When there is more to look at; `None` where no room is left.
    next: Option<Instant>,
}

impl<T> Rooms<T> {
    /// Rooms of a set, or of a room with its quota.
    pub(super) fn new(
        settings: &Arc<Settings<T>>,
        quota: Option<&Arc<Quota<T>>>,
        key: Option<LogKey>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|me| {
            let own = || Arc::new(Quota::new(settings.rooms, me.clone()));
            let quota = quota.map_or_else(own, Arc::clone);
            let inner = Inner {
                rooms: HashMap::new(),
                queues: Queues::new(settings.limits.age.unwrap_or(KEEP)),
                janitor: Janitor::default(),
                in_vain: None,
            };
            Self { inner: Mutex::new(inner), settings: Arc::clone(settings), quota, key }
        })
    }
}

impl<T> Rooms<T> {
    /// How many there are, once those that nobody needs are gone.
    pub(super) fn len(&self) -> usize {
        while let Swept { freed, next: Some(next) } = self.sweep(Instant::now())
            && next <= Instant::now()
        {
            drop(freed);
        }
        lock(&self.inner).rooms.len()
    }

    /// The rooms with their names, in the order of these, as many as [`Rooms::len`] says.
    pub(super) fn named(&self) -> Vec<(Arc<str>, ClientSet<T>)> {
        self.len();
        let rooms = &lock(&self.inner).rooms;
        let mut all: Vec<_> =
            rooms.iter().map(|(name, room)| (Arc::clone(name), room.clone())).collect();
        all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        all
    }

    /// All that there are.
    pub(super) fn all(&self) -> Vec<ClientSet<T>> {
        lock(&self.inner).rooms.values().cloned().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        lock(&self.inner).rooms.is_empty()
    }

    /// Takes out the oldest room that nobody is in, if only to come back to what it keeps.
    fn reclaim(&self) -> Option<ClientSet<T>> {
        let mut left = None;
        loop {
            let now = Instant::now();
            let mut inner = lock(&self.inner);
            let left = left.get_or_insert_with(|| {
                let lately = |at| now.saturating_duration_since(at) < IN_VAIN;
                if inner.in_vain.is_some_and(lately) { FEW } else { inner.rooms.len() }
            });
            for _ in 0..STRIDE.min(*left) {
                *left -= 1;
                let name = inner.queues.next_to_reclaim()?;
                let vacant = |room: &ClientSet<T>| room.vacant_for(Duration::ZERO).is_some();
                if inner.rooms.get(&name).is_some_and(vacant) {
                    return inner.remove(&name, &self.quota);
                }
                inner.queues.needed(name, now);
            }
            if *left == 0 {
                inner.in_vain = Some(now);
                return None;
            }
        }
    }

    /// Takes out some of the rooms that nobody needs any more.
    fn sweep(&self, now: Instant) -> Swept<T> {
        let mut inner = lock(&self.inner);
        let mut freed = Vec::new();
        for _ in 0..STRIDE {
            let Some(name) = inner.queues.due(now) else { break };
            let Some(room) = inner.rooms.get(&name) else { continue };
            match room.vacant_for(inner.queues.keep) {
                Some(Duration::ZERO) => freed.extend(inner.remove(&name, &self.quota)),
                Some(left) => inner.queues.vacant(name, now, left),
                None => inner.queues.needed(name, now),
            }
        }
        Swept { freed, next: inner.queues.next() }
    }
}

impl<T: Send + Sync + 'static> Rooms<T> {
    /// The room of this name, made if there is none.
    pub(super) fn get(self: &Arc<Self>, name: &str) -> Result<ClientSet<T>, RoomRefused> {
        if name.len() > LONGEST_NAME {
            return Err(RoomRefused::NameTooLong);
        }
        if let Some(room) = lock(&self.inner).rooms.get(name) {
            return Ok(room.clone());
        }
        self.catch_up();
        while !self.quota.take_place() {
            let freed = self.reclaim().or_else(|| self.quota.reclaim());
            // Behind the lock, and before the place is asked for again.
            drop(freed.ok_or(RoomRefused::TooMany)?);
        }
        let key = self.key.as_ref().map(|parent| LogKey::of(Some(parent), name));
        let standing = Standing::Room(Arc::clone(&self.quota));
        let room = ClientSet::with(Arc::clone(&self.settings), standing, key);
        let mut inner = lock(&self.inner);
        if let Some(first) = inner.rooms.get(name).cloned() {
            drop(inner);
            self.quota.give_place();
            return Ok(first);
        }
        let name = Arc::<str>::from(name);
        inner.rooms.insert(Arc::clone(&name), room.clone());
        inner.queues.needed(name, Instant::now());
        drop(inner);
        self.tend();
        Ok(room)
    }

    /// Where the janitor is late, or there is none: a few steps of what it has to do.
    fn catch_up(&self) {
        let now = Instant::now();
        if lock(&self.inner).queues.is_late(now) {
            drop(self.sweep(now));
        }
    }
}

impl<T> Inner<T> {
    fn remove(&mut self, name: &str, quota: &Quota<T>) -> Option<ClientSet<T>> {
        let room = self.rooms.remove(name)?;
        quota.give_place();
        Some(room)
    }
}

impl<T> Drop for Rooms<T> {
    fn drop(&mut self) {
        let rooms = std::mem::take(&mut lock(&self.inner).rooms);
        rooms.iter().for_each(|_| self.quota.give_place());
    }
}
