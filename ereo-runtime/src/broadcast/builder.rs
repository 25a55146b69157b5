//! Settings of a set: how much it keeps, and for how long.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::core::Standing;
use super::on_lag::OnLag;
use super::set::ClientSet;
use super::source::{Direct, Source};
use super::store::{Backing, StoreLog, WhenDown};
use crate::log::Limits;
use crate::message::Message;
use crate::sync::Arc;

/// Time in which a burst is kept whole for the readers that are there, as far as the bytes allow.
const YOUNG: Duration = Duration::from_secs(1);

/// What a set and all its rooms have in common.
#[derive(Debug, Clone)]
pub(super) struct Settings<T> {
    pub(super) limits: Limits,
    pub(super) on_lag: OnLag,
    pub(super) presence_grace: Duration,
    pub(super) max_clients: Option<usize>,
    /// What a subscription reads. Here it is known that the type is a message: what else a set of another type is
    /// used for is told where it is made, or sent, and not a second time where it is read.
    pub(super) reads: fn(Direct<T>) -> Box<dyn Source<T>>,
    pub(super) rooms: RoomLimits,
    /// Where its messages are kept beside its memory.
    pub(super) backing: Option<Arc<Backing<T>>>,
}

/// Bounds of all rooms of a set together.
#[derive(Debug, Clone, Copy)]
pub(super) struct RoomLimits {
    pub(super) count: usize,
    pub(super) bytes: usize,
}

/// How messages of the type are kept in a log.
type Backs<T> = fn(&StoreLog) -> Backing<T>;

/// Settings of a [`ClientSet`]; start with [`ClientSet::builder`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder<T> {
    settings: Settings<T>,
    when_down: WhenDown,
    store: Option<(StoreLog, Backs<T>)>,
}

impl<T: Message + 'static> Default for Builder<T> {
    fn default() -> Self {
        let limits = Limits { count: 1024, young: YOUNG, bytes: 8 << 20, age: None };
        let on_lag = OnLag::default();
        let rooms = RoomLimits { count: 100_000, bytes: 256 << 20 };
        let settings = Settings {
            limits,
            on_lag,
            presence_grace: Duration::ZERO,
            max_clients: None,
            reads: |direct| Box::new(direct),
            rooms,
            backing: None,
        };
        Self { settings, when_down: WhenDown::default(), store: None }
    }
}

impl<T: Message> Builder<T> {
    /// How many messages are kept for clients that come back; 1024 by default, at least 1.
    ///
    /// It is not how far a reader that is there may be behind: a message is kept for those for at least a
    /// second, however many follow it, and for as long as a reader that needs it reads at least once a second,
    /// as far as [`max_bytes`](Builder::max_bytes) allows.
    pub fn history(mut self, messages: usize) -> Self {
        self.settings.limits.count = messages.max(1);
        self
    }

    /// How many bytes of memory the kept messages take; 8 MiB by default. A single message that is larger
    /// when encoded is refused.
    ///
    /// A message counts with all that it takes: the value, of which the part on the heap is taken to be as
    /// large as the encoded message; each form that it was encoded in, for event streams and for sockets,
    /// compressed ones included, also if that came later; and about 300 bytes beside them. So of large
    /// messages that one kind of reader takes about half as many bytes are kept, of those that both
    /// kinds take a third. The newest message stays, whatever it takes.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.settings.limits.bytes = bytes;
        self
    }

    /// How old a message may be to be replayed; unbounded by default. Older ones are freed with the
    /// next broadcast or subscription, and a slow reader still gets them until then.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.settings.limits.age = Some(age);
        self
    }

    /// What becomes of a reader that falls out of the log; [`OnLag::Disconnect`] by default.
    pub fn on_lag(mut self, on_lag: OnLag) -> Self {
        self.settings.on_lag = on_lag;
        self
    }

    /// How long a member may be without a connection before it has left; zero by default, at most a
    /// year. A page that is loaded anew within it neither leaves nor joins. Those who are away take 8 MiB at
    /// most in a set: beyond that who has been away longest has left.
    pub fn presence_grace(mut self, grace: Duration) -> Self {
        const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
        self.settings.presence_grace = grace.min(YEAR);
        self
    }

    /// How many clients may be in the set, and in each of its rooms, at once; unbounded by default.
    ///
    /// One more event stream is refused with 503 and `Retry-After` ([`RoomFull`](super::RoomFull)), one
    /// more socket as [`ClientSet::join`] says. Each refusal is traced and
    /// counted.
    pub fn max_clients(mut self, most: usize) -> Self {
        self.settings.max_clients = Some(most);
        self
    }

    /// How many rooms the set may have at once, those of its rooms included; 100,000 by default.
    ///
    /// One more takes the place of the room that has been empty for longest. Where somebody is in every
    /// room it is refused ([`RoomRefused`](crate::message::RoomRefused)), as [`ClientSet::room`] says.
    pub fn max_rooms(mut self, most: usize) -> Self {
        self.settings.rooms.count = most;
        self
    }

    /// How many bytes of memory the messages of all rooms take together, counted as
    /// [`max_bytes`](Builder::max_bytes) counts them; 256 MiB by default. The set itself is no room.
    ///
    /// Over it, the rooms that are empty are freed, those first that have been so for longest; then the
    /// largest rooms let go of their oldest messages. A reader that was not that far is told, as ever.
    pub fn max_room_bytes(mut self, bytes: usize) -> Self {
        self.settings.rooms.bytes = bytes;
        self
    }

    /// Keeps the set's messages, and those of its rooms, in a log of a store too: the set outlives the process.
    ///
    /// Nothing else changes. A client that comes back after a restart goes on behind its position, as after any
    /// other loss of its connection; only what the store has forgotten, by a power cut for one, is told to those who
    /// had seen it ([`ResetReason::Epoch`](super::ResetReason::Epoch)). A message is sent to clients when the store has
    /// taken it: the [`Receipt`](super::Receipt) waits for that, [`ClientSet::broadcast`] does not. What is kept in
    /// the store is what the set keeps for who comes back: [`history`](Builder::history),
    /// [`max_bytes`](Builder::max_bytes) and [`max_age`](Builder::max_age).
    ///
    /// Each set needs a log of its own name. With a file each process needs a file of its own; what several servers have
    /// in common is in Redis, under the same name.
    pub fn store(mut self, log: StoreLog) -> Self
    where
        T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        self.store = Some((log, Backing::new));
        self
    }

    /// What becomes of messages while the store takes none; they are held, up to 4,096 of them, by default.
    pub fn when_down(mut self, when_down: WhenDown) -> Self {
        self.when_down = when_down;
        self
    }

    /// The set.
    pub fn build(mut self) -> ClientSet<T> {
        let backing = |(log, backing): &(_, Backs<T>)| backing(log).when_down(self.when_down);
        let backing = self.store.as_ref().map(backing);
        self.settings.backing = backing.map(Arc::new);
        let key = self.settings.backing.as_ref().map(|backing| backing.key().clone());
        ClientSet::with(Arc::new(self.settings), Standing::Alone, key)
    }
}
