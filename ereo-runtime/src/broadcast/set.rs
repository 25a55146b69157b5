//! The publisher's side: [`ClientSet`].

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::sync::watch;

use super::broadcast_error::BroadcastError;
use super::builder::{Builder, Settings};
use super::choices::Choice;
use super::core::{Core, Standing};
use super::everywhere::{Disconnects, KnownSet};
use super::frames::Frames;
use super::mailboxes::{DirectQueue, SeatKey};
use super::presence::Presence;
use super::presence::member::{Entered, Member, Who};
use super::presence::stream::PresenceEvents;
use super::receipt::Receipt;
use super::room_full::RoomFull;
use super::rooms::Rooms;
use super::source::Direct;
use super::stats::Stats;
use super::store::{Health, LogKey};
use super::subscription::Subscription;
use crate::charge::payer;
use crate::log::{LastEventId, Position};
use crate::message::{Message, RoomRefused, Sendable};
use crate::sync::Arc;
use crate::wire::{ClientId, ClientName, Form};

/// Clients that get the same messages in the same order.
///
/// A handle: clones are the same set. Put it into actix's `Data` and broadcast from anywhere, also
/// from other threads; when the last handle is gone, the readers end.
///
/// ```
/// use ereo_runtime::{ClientSet, LastEventId};
/// let set = ClientSet::<String>::builder().history(100).build();
/// let before = set.position();
/// set.broadcast(&"hello".to_owned())?;
/// assert_eq!(set.position().offset(), before.offset() + 1);
/// # Ok::<_, ereo_runtime::broadcast::BroadcastError>(())
/// ```
pub struct ClientSet<T> {
    handle: Arc<Handle<T>>,
}

/// What the clones of a set share; readers hold [`Core`] only, so that this ends with the set.
struct Handle<T> {
    core: Arc<Core<T>>,
    /// Once one was asked for: rooms seldom have rooms.
    rooms: OnceLock<Arc<Rooms<T>>>,
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        self.core.close();
    }
}

impl<T> Clone for ClientSet<T> {
    fn clone(&self) -> Self {
        Self { handle: Arc::clone(&self.handle) }
    }
}

impl<T> fmt::Debug for ClientSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSet")
            .field("message", &std::any::type_name::<T>())
            .finish_non_exhaustive()
    }
}

impl<T: Message + 'static> Default for ClientSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> ClientSet<T> {
    /// A set that keeps the last 1024 messages, at most 8 MiB; see [`ClientSet::builder`].
    pub fn new() -> Self
    where
        T: Sendable + 'static,
    {
        Self::builder().build()
    }

    /// Settings other than the defaults.
    pub fn builder() -> Builder<T>
    where
        T: Sendable + 'static,
    {
        Builder::default()
    }
}

impl<T> ClientSet<T> {
    pub(super) fn with(
        settings: Arc<Settings<T>>,
        standing: Standing<T>,
        key: Option<LogKey>,
    ) -> Self {
        let core = Core::new(settings, standing, key);
        if core.refused().is_some() {
            // A reader of it comes to its end at once, instead of waiting for what never comes.
            core.close();
        }
        Self { handle: Arc::new(Handle { core, rooms: OnceLock::new() }) }
    }

    /// The place of the newest message; with offset 0 before the first.
    pub fn position(&self) -> Position {
        let core = &self.handle.core;
        core.position_before(core.window().next)
    }

    /// How many clients there are: subscriptions whose response has begun, and seats.
    pub fn len(&self) -> usize {
        self.handle.core.clients.len()
    }

    /// Whether there is no client.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the set has counted so far. A room counts for itself.
    pub fn stats(&self) -> Stats {
        self.handle.core.lag.stats(self.position().offset(), self.len())
    }

    /// [`ClientSet::len`] as a value whose changes can be waited for.
    pub fn watch_len(&self) -> watch::Receiver<usize> {
        self.handle.core.clients.watch()
    }

    /// Who is there: the members that clients were entered as, in the order of their keys, with those
    /// who are away for less than the grace time ([`Builder::presence_grace`]).
    ///
    /// Clients without a name count in [`ClientSet::len`] only. A room has members of its own.
    ///
    /// Of a set in Redis they are those of all servers, as far as this one knows: where nobody has asked before, those
    /// who are here, until Redis has answered. The first event of [`ClientSet::presence`] waits for that.
    pub fn members(&self) -> Vec<Member> {
        let core = &self.handle.core;
        // To look at who is at other nodes, somebody has to have begun to.
        let over_nodes = || core.has_members_elsewhere().then(|| core.presence());
        let presence = core.presence_if_any().or_else(over_nodes);
        presence.map_or_else(Vec::new, |presence| presence.members())
    }

    /// The news of who is there: [`PresenceEvent::Members`](super::PresenceEvent::Members) first, then
    /// who joins, is updated and leaves, each once and in order, however many connections a member
    /// has. A reader that is too slow for that gets the members as they are, and goes on.
    ///
    /// Of a set in Redis it is what happens at all servers; where Redis cannot be reached, the first event, and one more
    /// after fifteen seconds of that, is [`PresenceEvent::Incomplete`](super::PresenceEvent::Incomplete).
    ///
    /// With a grace time it must be read within a tokio runtime, whose timers it uses.
    pub fn presence(&self) -> PresenceEvents {
        self.handle.core.presence().events()
    }

    /// Whether the set's store takes messages ([`Builder::store`]); one in memory is always up.
    pub fn health(&self) -> Health {
        self.handle.core.stored().map_or(Health::Up, |stored| stored.health())
    }

    /// [`ClientSet::health`] as a value whose changes can be waited for.
    pub fn watch_health(&self) -> watch::Receiver<Health> {
        let stored = self.handle.core.stored();
        // That of a set in memory never changes.
        stored.map_or_else(|| watch::channel(Health::Up).1, |stored| stored.watch_health())
    }
}

impl<T: Send + Sync + 'static> ClientSet<T> {
    /// The room of this name: a set of its own with the settings of this one, made on first use.
    ///
    /// A room that has no client and that nobody holds a handle of is freed once its messages are
    /// older than `max_age`, or than five minutes where the set has none; not before its members'
    /// grace time is over, nor while its presence is read. A task of the runtime that asked for it sees
    /// to that, within a minute; without a runtime, whoever asks for rooms.
    ///
    /// Where there can be no such room, because there are too many ([`Builder::max_rooms`]) or the name
    /// has more than 255 bytes, this is one that takes nobody: its subscriptions and seats are refused as
    /// those of a full room are ([`RoomFull`]), a broadcast is an error. [`ClientSet::try_room`] tells.
    pub fn room(&self, name: impl fmt::Display) -> Self {
        self.try_room(name).unwrap_or_else(|why| {
            Self::with(Arc::clone(self.handle.core.settings()), Standing::Refused(why), None)
        })
    }

    /// The room of this name, as [`ClientSet::room`], if there is one or can be.
    ///
    /// # Errors
    /// [`RoomRefused`], which is traced and counted.
    pub fn try_room(&self, name: impl fmt::Display) -> Result<Self, RoomRefused> {
        let core = &self.handle.core;
        if let Some(why) = core.refused() {
            return Err(why);
        }
        let key = || core.stored().map(|stored| stored.key().clone());
        let new = || Rooms::new(core.settings(), core.quota(), key());
        let rooms = self.handle.rooms.get_or_init(new);
        let name = name.to_string();
        let room = rooms.get(&name).inspect_err(RoomRefused::count)?;
        #[cfg(feature = "inspector")]
        room.handle.core.called.room(&name, core.place());
        Ok(room)
    }
}

// What is no message is told in the words of `Sendable`, where a bound of the `impl` would say that there is no
// such method.
impl<T> ClientSet<T> {
    /// Sends `message` to every client and keeps it for those who come back. Never waits: what it gives says
    /// where the message stands, and may be dropped.
    ///
    /// # Errors
    /// When the message cannot be encoded or is larger than the set may keep. Then no client sees
    /// anything of it and the position stays.
    pub fn broadcast(&self, message: &T) -> Result<Receipt, BroadcastError>
    where
        T: Sendable + Clone + Send + Sync + 'static,
    {
        self.handle.core.append(message, None)
    }

    /// Sends `message` to every client but this one: by its id, or by its name where it may be another server's.
    ///
    /// # Errors
    /// Those of [`ClientSet::broadcast`].
    pub fn broadcast_except(
        &self,
        client: impl Into<ClientName>,
        message: &T,
    ) -> Result<Receipt, BroadcastError>
    where
        T: Sendable + Clone + Send + Sync + 'static,
    {
        self.handle.core.append(message, Some(client.into()))
    }

    /// Sends `message` to the clients that are there, and keeps it for nobody: it has no position, is not sent
    /// again, and a client that is behind goes without it, before it would miss anything else. That is never
    /// lag. For what is true for a moment only, such as who is typing or where a pointer is.
    ///
    /// It comes at its place: behind what was broadcast before, and before what is broadcast after.
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// #[derive(Clone, Serialize, Message)]
    /// #[serde(tag = "type", rename_all = "snake_case")]
    /// enum Sent { Said { text: String }, Typing }
    ///
    /// #[derive(Deserialize)]
    /// #[serde(tag = "type", rename_all = "snake_case")]
    /// enum Told { Say { text: String }, Typing }
    ///
    /// #[websocket("/chat/ws")]
    /// async fn chat(mut socket: Socket<Told, Sent>, set: Data<ClientSet<Sent>>) -> Result<(), SocketError> {
    ///     let _seat = set.join(&socket)?;
    ///     while let Some(told) = socket.recv().await? {
    ///         match told {
    ///             Told::Say { text } => {
    ///                 set.broadcast(&Sent::Said { text })?;
    ///             }
    ///             Told::Typing => set.broadcast_ephemeral_except(socket.id(), &Sent::Typing)?,
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of [`ClientSet::broadcast`].
    pub fn broadcast_ephemeral(&self, message: &T) -> Result<(), BroadcastError>
    where
        T: Sendable + Clone + Send + Sync + 'static,
    {
        self.handle.core.append_aside(message, None)
    }

    /// [`ClientSet::broadcast_ephemeral`] to every client but this one.
    ///
    /// # Errors
    /// Those of [`ClientSet::broadcast`].
    pub fn broadcast_ephemeral_except(
        &self,
        client: ClientId,
        message: &T,
    ) -> Result<(), BroadcastError>
    where
        T: Sendable + Clone + Send + Sync + 'static,
    {
        self.handle.core.append_aside(message, Some(client))
    }

    /// Follows the set from behind `last`, or from now on without a position.
    ///
    /// It counts as a client once it is read, that is from the start of its response.
    pub fn subscribe(&self, last: LastEventId) -> Subscription<T>
    where
        T: Clone + Send + Sync + 'static,
    {
        let core = &self.handle.core;
        let reads = core.settings().reads;
        if let Some(payer) = payer() {
            payer.joins(&self.known());
        }
        if !core.is_open() || core.may_be_ahead(last) {
            let source = reads(Direct::new(Arc::clone(core), core.cursor_to_open(last)));
            return Subscription::opening(source, last);
        }
        let (cursor, start) = core.begin(last);
        Subscription::new(reads(Direct::new(Arc::clone(core), cursor)), last, start)
    }
}

impl<T: Send + Sync + 'static> ClientSet<T> {
    /// Names it among all that there are.
    #[cfg(feature = "inspector")]
    pub(crate) fn place(&self) -> usize {
        self.handle.core.place()
    }

    /// The set as [`Everywhere`](super::Everywhere) knows it.
    pub(crate) fn known(&self) -> KnownSet {
        let known: Arc<dyn Disconnects> = Arc::clone(&self.handle.core) as _;
        Arc::downgrade(&known)
    }

    /// Follows the set from now on as frames. A client at once.
    pub(crate) fn try_frames(&self, form: Form) -> Result<Frames<T>, RoomFull>
    where
        T: Message,
    {
        Frames::try_join(Arc::clone(&self.handle.core), form)
    }

    /// Makes `client` one that can be sent to, until it [leaves](ClientSet::leave) with its seat.
    pub(crate) fn enter(&self, client: ClientId, seat: SeatKey, queue: Arc<dyn DirectQueue>) {
        self.handle.core.mailboxes().enter(client, seat, queue);
    }
}

impl<T> ClientSet<T> {
    pub(super) fn core(&self) -> &Arc<Core<T>> {
        &self.handle.core
    }

    /// Its rooms, once one was asked for.
    pub(super) fn rooms_if_any(&self) -> Option<&Arc<Rooms<T>>> {
        self.handle.rooms.get()
    }

    /// For how long somebody could still come back, where nobody is here nor holds this; messages are
    /// worth it for `keep`. `self` is the rooms' own handle.
    pub(super) fn vacant_for(&self, keep: Duration) -> Option<Duration> {
        let unheld = Arc::strong_count(&self.handle) == 1;
        // Every reader holds the core, also before its first read makes it a client.
        let unread = Arc::strong_count(&self.handle.core) == 1;
        let core = &self.handle.core;
        let deserted = || core.presence_if_any().is_none_or(Presence::is_forgotten);
        let alone = || self.handle.rooms.get().is_none_or(|rooms| rooms.is_empty());
        let placed = || core.stored().is_none_or(|stored| !stored.is_holding());
        let vacant = unheld && unread && deserted() && alone() && placed();
        // A message is replayed up to and with its last moment.
        const MOMENT: Duration = Duration::from_millis(1);
        vacant.then(|| keep.saturating_add(MOMENT).saturating_sub(core.age()))
    }

    /// Enters a seat's connection as one of a member's, until that is dropped.
    pub(crate) fn enter_as(&self, who: Who, seat: SeatKey, queue: Arc<dyn DirectQueue>) -> Choice {
        Choice::Stay(self.handle.core.presence().enter(who, Entered { seat, queue }))
    }

    pub(crate) fn leave(&self, client: ClientId, seat: SeatKey) {
        self.handle.core.mailboxes().leave(client, seat);
    }
}
