//! Which store a set has, and how its messages are written there.

use std::any::Any;
use std::fmt::{self, Write as _};
use std::sync::Weak;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Store;
use super::commands::Commands;
use super::health::Pulse;
use super::mirror;
use crate::broadcast::core::Core;
use crate::log::Limits;
use crate::message::{EncodeError, Message};
use crate::sync::{Arc, Mutex, lock};

/// A log of a store: what a set is kept in, with one more for each of its rooms. Of
/// `Redis::log` (feature `redis`) or `Sqlite::log` (feature `sqlite`), for [`Builder::store`](crate::broadcast::Builder::store).
///
/// ```
/// use ereo_runtime::{ClientSet, StoreLog};
///
/// /// The set of lines, wherever they are kept.
/// fn lines(log: StoreLog) -> ClientSet<String> {
///     ClientSet::builder().history(1000).store(log).build()
/// }
/// # let _ = lines;
/// ```
#[derive(Clone)]
pub struct StoreLog {
    store: Arc<dyn Store>,
    key: LogKey,
    owner: Owner,
}

/// A store's own handle: it goes on for as long as somebody has this, and the last one waits for what is on its
/// way. Sets have it until they end, and neither readers nor mirrors.
pub(in crate::broadcast) type Owner = Arc<dyn Any + Send + Sync>;

impl StoreLog {
    pub(super) fn new(store: Arc<dyn Store>, owner: Owner, name: impl fmt::Display) -> Self {
        Self { store, key: LogKey::of(None, &name.to_string()), owner }
    }

    /// The store, and the log's name there.
    #[cfg(test)]
    pub(super) fn parts(&self) -> (Arc<dyn Store>, LogKey) {
        (Arc::clone(&self.store), self.key.clone())
    }
}

impl fmt::Debug for StoreLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreLog").field("key", &self.key.as_str()).finish_non_exhaustive()
    }
}

/// What becomes of a message that is broadcast while the set's store takes none.
///
/// ```
/// use ereo_runtime::{ClientSet, StoreLog, WhenDown};
///
/// /// Prices are of no use when they come late.
/// fn prices(log: StoreLog) -> ClientSet<String> {
///     ClientSet::builder().store(log).when_down(WhenDown::Refuse).build()
/// }
/// # let _ = prices;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenDown {
    /// So many messages are held, of [`max_bytes`](crate::broadcast::Builder::max_bytes) at the most, and placed in
    /// their order when the store is back; more are refused
    /// ([`BroadcastError::Full`](crate::BroadcastError::Full)).
    Hold(usize),
    /// It is refused ([`BroadcastError::Down`](crate::BroadcastError::Down)).
    Refuse,
}

impl WhenDown {
    /// How many messages may be on their way to a store.
    pub(super) const HELD: usize = 4096;
}

/// Holds 4,096 messages.
impl Default for WhenDown {
    fn default() -> Self {
        Self::Hold(Self::HELD)
    }
}

/// The name of a log in its store: the set's, and those of the room and of the rooms around it, each
/// percent-encoded, with `/` in between.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LogKey(Arc<str>);

/// What a log of commands ends with.
const COMMANDS: &str = "%x";

impl LogKey {
    pub(crate) fn of(parent: Option<&Self>, name: &str) -> Self {
        let mut key = parent.map_or_else(String::new, |parent| format!("{}/", parent.0));
        for byte in name.bytes() {
            match byte {
                b'/' | b'%' | b'{' | b'}' | ..=b' ' | 0x7f.. => {
                    // Writing to a String cannot fail.
                    let _ = write!(key, "%{byte:02X}");
                }
                _ => key.push(char::from(byte)),
            }
        }
        Self(key.into())
    }

    /// As [`LogKey::as_str`] gives it.
    pub(super) fn stored(key: &str) -> Self {
        Self(key.into())
    }

    /// That of the commands of this log's set: of no set or room, in whose names a `%` stands before two digits.
    pub(super) fn of_commands(&self) -> Self {
        Self(format!("{}{COMMANDS}", self.0).into())
    }

    pub(crate) fn is_of_commands(&self) -> bool {
        self.0.ends_with(COMMANDS)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A set's store, shared by its rooms.
pub(in crate::broadcast) struct Backing<T> {
    store: Arc<dyn Store>,
    key: LogKey,
    owner: Weak<dyn Any + Send + Sync>,
    pub(super) when_down: WhenDown,
    pub(super) pulse: Arc<Pulse>,
    pub(super) encode: fn(&T) -> Result<Bytes, EncodeError>,
    pub(super) decode: fn(&[u8]) -> serde_json::Result<T>,
    start: fn(&Arc<Core<T>>),
    /// None of a log that is one of commands itself.
    commands: Option<Mutex<Weak<Commands>>>,
}

impl Backing<String> {
    /// Of a log of commands, whose store is another set's already.
    pub(super) fn of_commands(store: Arc<dyn Store>, key: LogKey, pulse: Arc<Pulse>) -> Self {
        Self {
            store,
            key,
            owner: Weak::<()>::new(),
            when_down: WhenDown::default(),
            pulse,
            encode: |text| Ok(text.clone().into()),
            decode: |payload| {
                let text = std::str::from_utf8(payload).map(str::to_owned);
                text.map_err(serde::de::Error::custom)
            },
            start: mirror::start,
            commands: None,
        }
    }
}

impl<T> Backing<T> {
    /// The commands of the set and its rooms, where others hear of them.
    pub(super) fn commands(&self, limits: Limits) -> Option<Arc<Commands>> {
        self.store.shared()?;
        let mut known = lock(self.commands.as_ref()?);
        Some(known.upgrade().unwrap_or_else(|| {
            let commands = Commands::new(&self.store, &self.key, &self.pulse, limits);
            *known = Arc::downgrade(&commands);
            commands
        }))
    }

    pub(in crate::broadcast) fn new(log: &StoreLog) -> Self
    where
        T: Message + Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        Self {
            store: Arc::clone(&log.store),
            key: log.key.clone(),
            owner: Arc::downgrade(&log.owner),
            when_down: WhenDown::default(),
            pulse: Pulse::new(),
            encode: |message| {
                serde_json::to_vec(message).map(Into::into).map_err(EncodeError::Serialize)
            },
            decode: |payload| serde_json::from_slice(payload),
            start: mirror::start,
            commands: Some(Mutex::default()),
        }
    }

    pub(in crate::broadcast) fn when_down(self, when_down: WhenDown) -> Self {
        Self { when_down, ..self }
    }

    /// The key of the set itself.
    pub(in crate::broadcast) fn key(&self) -> &LogKey {
        &self.key
    }

    pub(super) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What a set is to hold.
    pub(in crate::broadcast) fn owner(&self) -> Option<Owner> {
        self.owner.upgrade()
    }

    /// Begins to mirror the log of a set or room that was just made.
    pub(in crate::broadcast) fn start(&self, core: &Arc<Core<T>>) {
        (self.start)(core);
    }
}

impl<T> fmt::Debug for Backing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backing").field("key", &self.key.as_str()).finish_non_exhaustive()
    }
}
