//! What publisher and readers of one set share.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;

use super::builder::Settings;
use super::clients::Clients;
use super::entry::{Draft, Entry, Formats};
use super::latency;
use super::log::{Gap, Window};
use super::mailboxes::Mailboxes;
use super::on_lag::{OnLag, ResetReason};
use super::presence::{Presence, Stay, Who};
use super::relay::{Relayed, Relays, Wire};
use super::room_full::RoomFull;
use super::shared::{Next, Reader, Shared};
use super::stats::LagCounters;
use super::subscription::Reset;
use super::{ClientId, Epoch, Position};
use crate::message::{EncodeError, Message};
use crate::server::Outlet;
use crate::sync::Arc;

pub(super) struct Core<T> {
    shared: Arc<Shared<Arc<Entry<T>>>>,
    epoch: Epoch,
    started: Instant,
    settings: Arc<Settings>,
    /// How many clients there are.
    pub(super) clients: Clients,
    /// The clients that can be sent to alone, once there was one.
    mailboxes: OnceLock<Box<Mailboxes>>,
    /// Who is there, where that is asked or said.
    presence: OnceLock<Arc<Presence>>,
    /// Who is served together, once somebody was.
    relays: OnceLock<Box<Relays>>,
    /// How often readers were overtaken.
    pub(super) lag: LagCounters,
    /// Whether there ever was a reader of the format: from then on it is encoded with the broadcast,
    /// before that only when a reader comes back for the message.
    sse: AtomicBool,
    frames: AtomicBool,
}

impl<T> Core<T> {
    pub(super) fn new(settings: Arc<Settings>) -> Arc<Self>
    where
        T: Message,
    {
        Arc::new(Self {
            shared: Shared::new(settings.limits),
            epoch: Epoch::random(),
            started: Instant::now(),
            settings,
            clients: Clients::default(),
            mailboxes: OnceLock::new(),
            presence: OnceLock::new(),
            relays: OnceLock::new(),
            lag: LagCounters::default(),
            sse: AtomicBool::new(false),
            frames: AtomicBool::new(false),
        })
    }

    pub(super) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    pub(super) fn on_lag(&self) -> OnLag {
        self.settings.on_lag
    }

    pub(super) fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Where clients that can be sent to alone are entered.
    pub(super) fn mailboxes(&self) -> &Mailboxes {
        self.mailboxes.get_or_init(Box::default)
    }

    pub(super) fn presence(&self) -> &Arc<Presence> {
        self.presence.get_or_init(|| Presence::new(self.settings.presence_grace))
    }

    pub(super) fn relays(&self) -> &Relays {
        self.relays.get_or_init(Box::default)
    }

    /// A reader that is no client.
    pub(super) fn reader(&self, cursor: u64) -> Reader<Arc<Entry<T>>> {
        Reader::new(Arc::clone(&self.shared), cursor)
    }

    /// The presence, if ever somebody was a member or asked for the news.
    pub(super) fn presence_if_any(&self) -> Option<&Arc<Presence>> {
        self.presence.get()
    }

    /// Nothing more will come.
    pub(super) fn close(&self) {
        self.shared.close();
        if let Some(presence) = self.presence.get() {
            presence.close();
        }
    }

    /// What is kept and not too old.
    pub(super) fn window(&self) -> Window {
        self.shared.window(self.now())
    }

    /// Whether nothing was sent, nor the set made, within `max_age`, or `keep` where there is none.
    pub(super) fn is_older_than(&self, keep: Duration) -> bool {
        let now = self.now();
        now.saturating_sub(self.shared.newest_at()) > self.settings.limits.age.unwrap_or(keep)
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// The position of a reader whose next message is `cursor`.
    pub(super) fn position_before(&self, cursor: u64) -> Position {
        // Offsets begin at 1, so a cursor is never 0.
        Position::new(self.epoch, cursor - 1)
    }

    /// The cursor behind `last`, or why there is none.
    pub(super) fn resume(&self, last: Position, kept: Window) -> Result<u64, Reset> {
        let foreign = Reset { reason: ResetReason::Epoch, missed: None };
        if last.epoch() != self.epoch {
            return Err(foreign);
        }
        kept.behind(last.offset()).map_err(|gap| match gap {
            Gap::Expired { missed } => Reset { reason: ResetReason::Expired, missed: Some(missed) },
            // A position ahead of the set was never given out by this life of it.
            Gap::Unknown => foreign,
        })
    }

    pub(super) fn will_read_sse(&self) {
        self.sse.store(true, Ordering::Relaxed);
    }

    pub(super) fn will_read_frames(&self) {
        self.frames.store(true, Ordering::Relaxed);
    }
}

impl<T: Message + Clone> Core<T> {
    pub(super) fn append(
        &self,
        message: &T,
        except: Option<ClientId>,
    ) -> Result<Position, EncodeError> {
        // Everything that can fail or take long happens before the lock.
        let formats = Formats {
            sse: self.sse.load(Ordering::Relaxed),
            frames: self.frames.load(Ordering::Relaxed),
        };
        let draft = Draft::of(message, except, formats)?;
        let (size, limit) = (draft.size(), self.settings.limits.bytes);
        if size > limit {
            return Err(EncodeError::TooLarge { size, limit });
        }
        let position = |offset| Position::new(self.epoch, offset);
        let append = |offset| (draft.at(position(offset)), size);
        Ok(position(self.shared.append(|| self.now(), append)))
    }
}

/// One client of a set; leaves on drop.
pub(super) struct Client<T> {
    reader: Reader<Arc<Entry<T>>>,
    core: Arc<Core<T>>,
    /// What was broadcast before it came is replayed, and no matter of latency.
    live_from: u64,
    /// Where the client is one of a member's connections.
    stay: Option<Box<Stay>>,
    /// Where others may write for it while it has nothing to send.
    relayed: Option<Box<Relayed>>,
}

impl<T> Client<T> {
    pub(super) fn join(core: Arc<Core<T>>, cursor: u64) -> Self {
        core.clients.join();
        Self::joined(core, cursor)
    }

    /// Joins a set that may be full. A client is an event stream or a socket, as `kind` says.
    pub(super) fn try_join(
        core: Arc<Core<T>>,
        cursor: u64,
        kind: &'static str,
    ) -> Result<Self, RoomFull> {
        let most = core.settings.max_clients.unwrap_or(usize::MAX);
        if core.clients.try_join(most) {
            Ok(Self::joined(core, cursor))
        } else {
            Err(RoomFull::refused(kind))
        }
    }

    /// Of a client that is counted already.
    fn joined(core: Arc<Core<T>>, cursor: u64) -> Self {
        let reader = core.reader(cursor);
        let live_from = core.window().next;
        Self { reader, core, live_from, stay: None, relayed: None }
    }

    /// Lets a relay write to `outlet`; `client` is whom `broadcast_except` leaves out.
    pub(super) fn over(&mut self, outlet: &Arc<Outlet>, wire: Wire, client: Option<ClientId>) {
        self.relayed = Some(Box::new(Relayed::new(Arc::clone(outlet), wire, client)));
    }

    /// When its credentials end, as known by now: a relay writes nothing from then on.
    pub(super) fn ends_at(&mut self, until: Option<Instant>) {
        if let Some(relayed) = &mut self.relayed {
            relayed.until = until;
        }
    }

    /// Goes on behind what a relay has sent; whether that was anything.
    pub(super) fn catch_up(&mut self) -> bool {
        let sent = self.relayed.as_ref().and_then(|relayed| relayed.cursor());
        sent.is_some_and(|cursor| {
            cursor > self.reader.cursor() && {
                self.reader.skip_to(cursor);
                true
            }
        })
    }

    /// What comes next; an entry is taken with it.
    pub(super) fn poll_next(
        &mut self,
        kind: &'static str,
        cx: &mut Context<'_>,
    ) -> Poll<Next<Arc<Entry<T>>>>
    where
        T: Message + 'static,
    {
        self.catch_up();
        let next = match &mut self.relayed {
            Some(relayed) if relayed.is_worthwhile(&self.core) => match self.reader.read() {
                Some(next) => Poll::Ready(next),
                None => {
                    // The relay is a task of this thread: it does not look at the log meanwhile.
                    relayed.enter(&self.core, self.reader.cursor(), cx.waker());
                    Poll::Pending
                }
            },
            _ => self.reader.poll_next(cx),
        };
        if let Poll::Ready(Next::Entry(offset, entry)) = &next
            && *offset >= self.live_from
        {
            latency::taken(kind, *offset, entry.at);
        }
        next
    }

    /// Goes on at `cursor`, which is ahead, and tells how many entries are left out.
    pub(super) fn skip_to(&mut self, cursor: u64) -> u64 {
        self.reader.skip_to(cursor)
    }

    /// Makes the client one of a member's connections, and no longer one of another's.
    pub(super) fn enter(&mut self, who: Who) {
        // In before out: a member who stays is not away in between.
        self.stay = Some(Box::new(self.core.presence().enter(who)));
    }

    pub(super) fn core(&self) -> &Core<T> {
        &self.core
    }

    /// Offset of the message that is read next.
    pub(super) fn cursor(&self) -> u64 {
        let sent = self.relayed.as_ref().and_then(|relayed| relayed.cursor());
        self.reader.cursor().max(sent.unwrap_or_default())
    }
}

impl<T> Drop for Client<T> {
    fn drop(&mut self) {
        self.core.clients.leave();
    }
}
