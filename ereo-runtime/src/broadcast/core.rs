//! State that the publishers and readers of one set share.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::batches::Batches;
use super::broadcast_error::BroadcastError;
use super::builder::Settings;
use super::client_count::Clients;
use super::entry::{Draft, Entry, Formats};
use super::mailboxes::Mailboxes;
use super::on_lag::OnLag;
use super::order::Order;
use super::presence::Presence;
use super::pressure::{self, Pressure};
use super::receipt::Receipt;
use super::rooms::{Account, Quota};
use super::stats::LagCounters;
use super::store::{LogKey, Stored};
use crate::budget;
use crate::fanout::Relays;
use crate::log::{Holds, Position, Reader, Shared, Window};
use crate::message::{EncodeError, Message, RoomRefused};
use crate::sync::Arc;
use crate::wire::{ClientId, ClientName};

/// A cursor into a set's log.
pub(crate) type LogReader<T> = Reader<Arc<Entry<T>>, Arc<Core<T>>>;

/// What a set is among others.
pub(super) enum Standing<T> {
    /// Made by [`Builder`](super::Builder).
    Alone,
    /// One of the rooms that share this.
    Room(Arc<Quota<T>>),
    /// In place of a room that there is not.
    Refused(RoomRefused),
}

pub(crate) struct Core<T> {
    shared: Arc<Shared<Arc<Entry<T>>>>,
    pub(super) order: Order<T>,
    settings: Arc<Settings<T>>,
    /// How many clients there are.
    pub(crate) clients: Clients,
    /// The clients that can be sent to alone, once there was one.
    mailboxes: OnceLock<Box<Mailboxes>>,
    /// Who is there, where that is asked or said.
    presence: OnceLock<Arc<Presence>>,
    /// Who is served together, once somebody was.
    relays: OnceLock<Box<Relays>>,
    /// What readers that write for themselves share, once one was behind.
    batches: OnceLock<Box<Batches>>,
    /// How often readers were overtaken.
    pub(super) lag: LagCounters,
    /// Whether there ever was a reader of the format: from then on it is encoded with the broadcast,
    /// before that only when a reader comes back for the message.
    sse: AtomicBool,
    frames: AtomicBool,
    /// Whether there ever was a message without a place.
    asides: AtomicBool,
    /// Why this stands for a room that there is not.
    refused: Option<RoomRefused>,
    /// What all rooms of a set may take together, where this is one.
    quota: Option<Arc<Quota<T>>>,
    account: Account,
    #[cfg(feature = "inspector")]
    pub(super) called: super::look::Called,
}

impl<T> Drop for Core<T> {
    fn drop(&mut self) {
        if let Order::Stored(stored) = &self.order {
            drop(stored.end());
            stored.leave_commands(std::ptr::from_ref(self).addr());
        }
        if let Some(quota) = &self.quota {
            quota.leave(self);
        }
    }
}

impl<T> Holds<Arc<Entry<T>>> for Arc<Core<T>> {
    fn shared(&self) -> &Shared<Arc<Entry<T>>> {
        &self.shared
    }
}

impl<T> Core<T> {
    /// With the key of its log where it has a store.
    pub(super) fn new(
        settings: Arc<Settings<T>>,
        standing: Standing<T>,
        key: Option<LogKey>,
    ) -> Arc<Self> {
        let (refused, quota) = match standing {
            Standing::Alone => (None, None),
            Standing::Room(quota) => (None, Some(quota)),
            Standing::Refused(why) => (Some(why), None),
        };
        let stored = settings
            .backing
            .as_ref()
            .zip(key)
            .map(|(backing, key)| Stored::new(Arc::clone(backing), key, settings.limits));
        let core = Arc::new(Self {
            shared: Shared::new(settings.limits),
            order: stored.map_or_else(Order::own, Order::Stored),
            settings,
            clients: Clients::default(),
            mailboxes: OnceLock::new(),
            presence: OnceLock::new(),
            relays: OnceLock::new(),
            batches: OnceLock::new(),
            lag: LagCounters::default(),
            sse: AtomicBool::new(false),
            frames: AtomicBool::new(false),
            asides: AtomicBool::new(false),
            refused,
            quota,
            account: Account::default(),
            #[cfg(feature = "inspector")]
            called: Default::default(),
        });
        if let (Some(backing), Some(_)) = (&core.settings.backing, core.stored()) {
            backing.start(&core);
        }
        core
    }

    /// Names the set among all that there are.
    pub(super) fn place(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    pub(super) fn settings(&self) -> &Arc<Settings<T>> {
        &self.settings
    }

    pub(super) fn on_lag(&self) -> OnLag {
        self.settings.on_lag
    }

    /// Where clients that can be sent to alone are entered.
    pub(super) fn mailboxes(&self) -> &Mailboxes {
        self.mailboxes.get_or_init(Box::default)
    }

    /// The same, if ever there was one.
    pub(super) fn mailboxes_if_any(&self) -> Option<&Mailboxes> {
        self.mailboxes.get().map(|mailboxes| &**mailboxes)
    }

    /// Readers look for something else than messages: those that wait, and those that others write for.
    pub(super) fn rouse(&self) {
        if let Some(relays) = self.relays.get() {
            relays.hand_back();
        }
        self.shared.rouse();
    }

    pub(super) fn presence(&self) -> &Arc<Presence> {
        self.presence.get_or_init(|| {
            let grace = self.settings.presence_grace;
            let over_nodes = self.stored().and_then(|stored| stored.presence(grace));
            let presence = over_nodes.unwrap_or_else(|| Presence::new(grace));
            if self.refused.is_some() {
                presence.close();
            }
            presence
        })
    }

    /// Whether there may be members that this process knows nothing of before it asks.
    pub(super) fn has_members_elsewhere(&self) -> bool {
        self.refused.is_none() && self.stored().is_some_and(Stored::has_members)
    }

    pub(crate) fn relays(&self) -> &Relays {
        self.relays.get_or_init(Box::default)
    }

    pub(super) fn batches(&self) -> &Batches {
        self.batches.get_or_init(Box::default)
    }

    /// Nobody is there to share what is kept for readers.
    pub(super) fn forget_batches(&self) {
        if let Some(batches) = self.batches.get() {
            batches.clear();
        }
    }

    /// The presence, if ever somebody was a member or asked for the news.
    pub(super) fn presence_if_any(&self) -> Option<&Arc<Presence>> {
        self.presence.get()
    }

    /// Nothing more will come, but what is on its way to a store.
    pub(super) fn close(&self) {
        let owner = match &self.order {
            Order::Own { .. } => {
                self.shared.close();
                None
            }
            // Its mirror closes the log.
            Order::Stored(stored) => stored.end(),
        };
        if let Some(presence) = self.presence.get() {
            presence.close();
        }
        drop(owner);
    }

    /// Nothing more will come.
    pub(super) fn close_log(&self) {
        self.shared.close();
    }

    /// Entries that are kept and not too old.
    pub(crate) fn window(&self) -> Window {
        self.shared.window(self.now())
    }

    /// Entries of these that a reader may come back for.
    pub(super) fn history(&self) -> Window {
        self.shared.history(self.now())
    }

    /// Whether a reader at `cursor` is halfway to being overtaken.
    pub(crate) fn is_pressed(&self, cursor: u64) -> bool {
        self.shared.is_pressed(cursor, self.now())
    }

    /// Whether a client has not read all there is.
    fn has_readers_behind(&self) -> bool {
        let (end, parked) = self.shared.parked();
        let (relays, served) = self.relays.get().map_or((0, 0), |relays| relays.caught_up(end));
        // A relay that waits is parked as well, and no client.
        self.clients.len() > parked.saturating_sub(relays) + served
    }

    /// How long ago something was sent, or the set made.
    pub(super) fn age(&self) -> Duration {
        self.now().saturating_sub(self.shared.newest_at())
    }

    pub(super) fn refused(&self) -> Option<RoomRefused> {
        self.refused
    }

    pub(super) fn quota(&self) -> Option<&Arc<Quota<T>>> {
        self.quota.as_ref()
    }

    pub(super) fn account(&self) -> &Account {
        &self.account
    }

    pub(super) fn log(&self) -> &Shared<Arc<Entry<T>>> {
        &self.shared
    }

    /// The message at `offset` takes so many bytes more.
    pub(super) fn grew(self: &Arc<Self>, offset: u64, bytes: usize) {
        self.shared.grow(offset, bytes);
        self.settle();
    }

    /// Tells the rooms' quota what is kept now.
    pub(super) fn settle(self: &Arc<Self>) {
        if let Some(quota) = &self.quota {
            quota.settle(self);
        }
    }

    /// How many bytes of messages are kept from `cursor` on.
    pub(super) fn bytes_from(&self, cursor: u64) -> u64 {
        self.shared.bytes_from(cursor)
    }

    pub(super) fn will_read_sse(&self) {
        self.sse.store(true, Ordering::Relaxed);
    }

    /// The formats that there are readers of.
    pub(super) fn formats(&self) -> Formats {
        Formats {
            sse: self.sse.load(Ordering::Relaxed),
            frames: self.frames.load(Ordering::Relaxed),
        }
    }

    /// Whether a reader that goes by several entries at once must look for what stands between them.
    pub(super) fn has_asides(&self) -> bool {
        self.asides.load(Ordering::Relaxed)
    }

    pub(super) fn will_read_frames(&self) {
        self.frames.store(true, Ordering::Relaxed);
    }
}

impl<T: Message + Clone + Send + Sync + 'static> Core<T> {
    pub(super) fn append(
        self: &Arc<Self>,
        message: &T,
        except: Option<ClientName>,
    ) -> Result<Receipt, BroadcastError> {
        let draft = self.draft(message, except.and_then(ClientName::here))?;
        let epoch = match &self.order {
            Order::Own { epoch, .. } => *epoch,
            Order::Stored(stored) => {
                let receipt = stored.admit(draft, stored.payload_except(message, except)?)?;
                self.tell_pressure();
                return Ok(receipt);
            }
        };
        let cost = draft.cost();
        let position = |offset| Position::new(epoch, offset);
        let append = |offset| (draft.at(Some(position(offset))), cost);
        let offset = self.shared.append(|| self.now(), append);
        if let Some(relays) = self.relays.get() {
            relays.relieve(self);
        }
        self.settle();
        self.tell_pressure();
        Ok(Receipt::placed(position(offset)))
    }

    /// Sends to who is there, without a place.
    pub(super) fn append_aside(
        self: &Arc<Self>,
        message: &T,
        except: Option<ClientId>,
    ) -> Result<(), BroadcastError> {
        let draft = self.draft(message, except)?;
        // Before anybody can come by it.
        self.asides.store(true, Ordering::Relaxed);
        let cost = draft.cost();
        self.shared.push_aside(|| self.now(), draft.at(None), cost);
        self.settle();
        Ok(())
    }

    /// Everything that can fail or take long happens before the lock.
    fn draft(&self, message: &T, except: Option<ClientId>) -> Result<Draft<T>, BroadcastError> {
        if let Some(why) = self.refused {
            return Err(why.into());
        }
        // A turn of a task that broadcasts ends, so that readers of its thread have theirs.
        budget::spend(1);
        let draft = Draft::of(message, except, self.formats())?;
        let (size, limit) = (draft.size(), self.settings.limits.bytes);
        if size > limit {
            return Err(EncodeError::TooLarge { size, limit }.into());
        }
        #[cfg(feature = "inspector")]
        if self.stored().is_none_or(|stored| !stored.key().is_of_commands()) {
            super::tap::broadcast(message, std::ptr::from_ref(self).addr(), size);
        }
        Ok(draft)
    }

    /// Whoever broadcasts faster than is read may be read more slowly.
    fn tell_pressure(self: &Arc<Self>) {
        pressure::tell(|| self.shared.calm_at(self.now()).map(|_| Arc::clone(self) as Arc<_>));
    }
}

impl<T: Send + Sync> Pressure for Core<T> {
    fn calm_at(&self) -> Option<Instant> {
        let calm = self.shared.calm_at(self.now())?;
        self.has_readers_behind().then(|| self.started() + calm)
    }
}
