//! Where the entries of a set's ring stand in the order of its store.
//!
//! The ring numbers its entries by itself, and never gives out a number twice. The store does so as well, but
//! may go back: then what it gives out next has other places in the ring, behind all that were shown, with one
//! left out in between, so that every reader from before finds that it cannot go on and is told.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::backing::{Backing, LogKey, Owner};
use super::commands::{Commands, Sets};
use super::exception::excepting;
use super::health::Health;
use super::outgoing::Outgoing;
use super::present::Present;
use crate::broadcast::broadcast_error::BroadcastError;
use crate::broadcast::entry::Draft;
use crate::broadcast::presence::Presence;
use crate::broadcast::receipt::Receipt;
use crate::log::{Epoch, Epochs, Gap, Limits, Position, Window};
use crate::message::EncodeError;
use crate::sync::{Arc, Mutex, lock};
use crate::wire::ClientName;

/// A set's or a room's part of its store.
pub(in crate::broadcast) struct Stored<T> {
    pub(super) backing: Arc<Backing<T>>,
    pub(super) key: LogKey,
    pub(super) outgoing: Arc<Outgoing<T>>,
    started: Instant,
    /// Until the set ends: not for as long as its readers go on.
    holds: Mutex<Holds>,
    /// The sets that commands are about, of which this is one.
    commanded: Option<Arc<Sets>>,
    /// None until it is known where the log stands.
    opened: Mutex<Option<Opened>>,
}

/// What goes with the set, in this order.
#[derive(Default)]
struct Holds {
    commands: Option<Arc<Commands>>,
    owner: Option<Owner>,
}

/// How a set and its store get on.
#[cfg(feature = "inspector")]
#[derive(Debug, Clone)]
pub(crate) struct StoreLook {
    /// The log's name in the store.
    pub(crate) key: String,
    /// For how long the store has taken nothing.
    pub(crate) down: Option<std::time::Duration>,
    /// Messages that have no place yet, and their bytes.
    pub(crate) held: usize,
    pub(crate) bytes: usize,
    /// How often the store, of the set and all its rooms, was found to have gone another way.
    pub(crate) forks: u64,
    /// Whether it is known where the log stands.
    pub(crate) is_open: bool,
}

/// Where the ring's entries stand.
#[derive(Debug, Clone)]
pub(in crate::broadcast) struct Opened {
    pub(super) epochs: Epochs,
    /// The entry at offset 1 of the store is one behind this in the ring.
    pub(super) base: u64,
    /// Where the ring ended when the log was opened.
    pub(in crate::broadcast) first_head: u64,
    /// Where what stands in it began that is younger than the set.
    pub(super) first_young: u64,
}

impl Opened {
    /// The position of a reader whose next entry this is.
    fn position_before(&self, cursor: u64) -> Position {
        match (cursor - 1).checked_sub(self.base) {
            Some(offset) => Position::new(self.epochs.of(offset), offset),
            // Of messages that the store has forgotten.
            None => Position::FOREIGN,
        }
    }

    /// The cursor behind `last` in a ring that keeps this.
    fn resume(&self, last: Position, kept: Window) -> Result<u64, Gap> {
        let offset = |index: u64| index.saturating_sub(self.base).max(1);
        let kept = Window { oldest: offset(kept.oldest), next: offset(kept.next) };
        self.epochs.resume(last, kept).map(|cursor| cursor + self.base)
    }

    /// The entry's place in the ring.
    pub(super) fn index(&self, offset: u64) -> u64 {
        self.base + offset
    }

    /// The same of a position, where that is of the epoch which has the offset.
    fn index_of(&self, position: Position) -> Option<u64> {
        let is_own = self.epochs.of(position.offset()) == position.epoch();
        is_own.then(|| self.index(position.offset()))
    }
}

impl<T> Stored<T> {
    pub(in crate::broadcast) fn new(
        backing: Arc<Backing<T>>,
        key: LogKey,
        limits: Limits,
    ) -> Box<Self> {
        let outgoing =
            Arc::new(Outgoing::new(backing.when_down, limits.bytes, Arc::clone(&backing.pulse)));
        let now = Instant::now();
        // What the store keeps may be as old as that.
        let started = now.checked_sub(limits.age.unwrap_or_default()).unwrap_or(now);
        let commands = backing.commands(limits);
        let commanded = commands.as_ref().map(|commands| commands.sets());
        let holds = Mutex::new(Holds { commands, owner: backing.owner() });
        let opened = Mutex::new(None);
        Box::new(Self { backing, key, outgoing, started, holds, commanded, opened })
    }

    /// When the ring began, and what it has was appended at the earliest.
    pub(in crate::broadcast) fn started(&self) -> Instant {
        self.started
    }

    pub(in crate::broadcast) fn key(&self) -> &LogKey {
        &self.key
    }

    pub(in crate::broadcast) fn health(&self) -> Health {
        self.backing.pulse.get()
    }

    pub(in crate::broadcast) fn watch_health(&self) -> tokio::sync::watch::Receiver<Health> {
        self.backing.pulse.watch()
    }

    /// As the inspector sees it.
    #[cfg(feature = "inspector")]
    pub(in crate::broadcast) fn look(&self) -> StoreLook {
        let (held, bytes) = self.outgoing.held();
        let down = match self.health() {
            Health::Up => None,
            Health::Down { since } => Some(since.elapsed()),
        };
        let is_open = self.opened(|_| ()).is_some();
        let forks = self.backing.pulse.forks();
        StoreLook { key: self.key.as_str().to_owned(), down, held, bytes, forks, is_open }
    }

    /// What the store is to keep of a message.
    pub(in crate::broadcast) fn payload(&self, message: &T) -> Result<Bytes, EncodeError> {
        (self.backing.encode)(message)
    }

    /// The same, with the client that does not get it, where there may be others that keep its connection.
    pub(in crate::broadcast) fn payload_except(
        &self,
        message: &T,
        except: Option<ClientName>,
    ) -> Result<Bytes, EncodeError> {
        let payload = self.payload(message)?;
        let except = except.filter(|_| self.is_shared());
        Ok(except.map_or_else(|| payload.clone(), |except| excepting(except, &payload)))
    }

    /// A message as the store keeps it.
    pub(super) fn value(&self, payload: &[u8]) -> serde_json::Result<T> {
        (self.backing.decode)(payload)
    }

    /// With itself, the commands that reach its clients at every node, until the set ends.
    pub(in crate::broadcast) fn commands(&self) -> Option<(&Self, Arc<Commands>)> {
        let commands = lock(&self.holds).commands.clone();
        commands.map(|commands| (self, commands))
    }

    pub(super) fn commanded(&self) -> Option<&Arc<Sets>> {
        self.commanded.as_ref()
    }

    /// The number of the newest message that was taken, where that is not shown yet.
    pub(super) fn last_taken(&self) -> Option<u64> {
        self.outgoing.last_taken()
    }

    pub(super) fn is_shown(&self, number: u64) -> bool {
        self.outgoing.is_shown(number)
    }

    /// Told when that may have changed, or it was looked where the log stands.
    pub(super) fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.outgoing.changed)
    }

    /// Takes a message, to be placed by the mirror.
    pub(in crate::broadcast) fn admit(
        &self,
        draft: Draft<T>,
        payload: Bytes,
    ) -> Result<Receipt, BroadcastError> {
        self.outgoing.admit(draft, payload)
    }

    /// Whether something was taken that has no place yet.
    pub(in crate::broadcast) fn is_holding(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// The set has ended: what it took is placed yet, and then its log is closed. Whoever drops what this gives may
    /// have to wait for that.
    pub(in crate::broadcast) fn end(&self) -> Option<Owner> {
        self.outgoing.end();
        let Holds { commands, owner } = std::mem::take(&mut *lock(&self.holds));
        drop(commands);
        owner
    }

    /// Whether others append to the log as well, and somebody may come who has seen more than the ring has.
    pub(in crate::broadcast) fn is_shared(&self) -> bool {
        self.backing.store().shared().is_some()
    }

    /// Whether the store keeps who is at which node.
    pub(in crate::broadcast) fn has_members(&self) -> bool {
        self.backing.store().members().is_some()
    }

    /// The presence of all nodes, where the store keeps that.
    pub(in crate::broadcast) fn presence(&self, grace: Duration) -> Option<Arc<Presence>> {
        let store = self.backing.store();
        let members = store.members()?;
        let (presence, outside) = Presence::over_nodes();
        let present = Present::new(&presence, outside, members, self.key.clone(), grace);
        store.spawn(Box::pin(present.run()));
        Some(presence)
    }

    /// Asks to look where the log stands, under this number.
    pub(in crate::broadcast) fn ask(&self) -> u64 {
        self.outgoing.ask()
    }

    /// Whether that was done.
    pub(in crate::broadcast) fn has_looked(&self, number: u64) -> bool {
        self.outgoing.is_answered(number)
    }

    /// The position of a reader whose next entry this is; no set's where that is not known.
    pub(in crate::broadcast) fn position_before(&self, cursor: u64) -> Position {
        let position = self.opened(|opened| opened.position_before(cursor));
        position.unwrap_or(Position::FOREIGN)
    }

    /// The cursor behind `last` in a ring that keeps this.
    pub(in crate::broadcast) fn resume(&self, last: Position, kept: Window) -> Result<u64, Gap> {
        self.opened(|opened| opened.resume(last, kept)).unwrap_or(Err(Gap::Unknown))
    }

    /// The entry's place in the ring.
    pub(in crate::broadcast) fn index_of(&self, position: Position) -> Option<u64> {
        self.opened(|opened| opened.index_of(position)).flatten()
    }

    /// Whether it is an epoch of the log.
    pub(in crate::broadcast) fn knows(&self, epoch: Epoch) -> bool {
        self.opened(|opened| opened.epochs.has(epoch)).unwrap_or_default()
    }

    /// Whether what a reader at `cursor` has seen is forgotten.
    pub(in crate::broadcast) fn has_forgotten(&self, cursor: u64) -> bool {
        self.opened(|opened| cursor <= opened.base).unwrap_or_default()
    }

    /// Looks at where the ring's entries stand, if that is known.
    pub(in crate::broadcast) fn opened<R>(&self, look: impl FnOnce(&Opened) -> R) -> Option<R> {
        lock(&self.opened).as_ref().map(look)
    }

    /// Fills the ring, of whose entries nobody is told meanwhile where they stand. Who waits for that waits in
    /// the ring, and is woken by the caller.
    pub(super) fn open(&self, fill: impl FnOnce(Option<&Opened>) -> Opened) {
        let mut opened = lock(&self.opened);
        *opened = Some(fill(opened.as_ref()));
    }

    /// The chain has gone on, and all that the ring has is still in it.
    pub(super) fn learn(&self, epochs: Epochs) {
        if let Some(opened) = &mut *lock(&self.opened) {
            opened.epochs = epochs;
        }
    }
}
