//! State that the parts of one connection share: its stage, what was received, and how it ended.
//!
//! A connection lives on one thread. Its response body (polled by actix, or by the takeover's
//! writer), its driver (reader, timers and handler) and the user's handles hold one [`Link`]; only its
//! [`Outbox`] is open to other threads. No borrow of a cell is held while a waker, a source or user
//! code runs, but for two: that of `sources` while they are polled, see `deferred`, and that of `open`,
//! which is changed only once nobody is left to run anything.

mod beating;
mod closing;
mod easing;
mod expiring;
mod paying;
mod receive;
mod send;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use easing::Easing;
use receive::Inbox;
use tokio::sync::Notify;
use tracing::Span;

use super::close::CloseReason;
use super::incoming::Incoming;
use super::mailbox::Outbox;
use super::millis::Millis;
use super::reader::ReadError;
use super::source::{Fence, FrameSource, Sources};
use super::stage::{Duty, Event, Stage};
use super::subprotocol::Spoken;
use crate::broadcast::{Choice, SeatKey, Whose};
use crate::expiry::{Credentials, Expiry, Refresh};
use crate::server::{Observed, OpenStream};
use crate::wire::{ClientId, Outbound};
use crate::worker::Alarm;

/// A handle on one connection, for code that does not know its message types.
#[derive(Clone)]
pub struct Link(Rc<Core>);

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("id", &self.0.id).field("stage", &self.0.stage).finish()
    }
}

type Core = AConnectionStaysOnItsThreadAndItsHandleGoesToOthers;

/// What a connection is. rustc names it where a connection is put into a `static` or given to another thread, and
/// so says the way to mend that: [`Connection::handle`](super::socket::Connection::handle).
struct AConnectionStaysOnItsThreadAndItsHandleGoesToOthers {
    id: ClientId,
    outbox: Outbox,
    outbound: Outbound,
    incoming: Incoming,
    sources: RefCell<Sources>,
    stage: Cell<Stage>,
    /// Whether the handler has ever asked for a message.
    receives: Cell<bool>,
    /// Whether the driver, and with it the handler, is gone.
    driver_gone: Cell<bool>,
    /// Whether the response body was dropped: the connection is gone below.
    body_gone: Cell<bool>,
    /// When the next heartbeat is due that a page can see, counted from the connection's beginning. After
    /// seven weeks there is none, and the page connects anew.
    beat: Cell<Millis>,
    /// Counts the connection as open, until its driver and its body are gone: the server's drain waits
    /// until the close frame is written too. Borrowed to be changed only then.
    open: RefCell<Option<OpenStream>>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// Boxed: most connections have received nothing yet.
    inbox: Option<Box<Inbox>>,
    rare: Option<Box<Rare>>,
}

/// What an idle connection has nothing of.
#[derive(Default)]
struct Rare {
    /// An error of the reader that `recv` has not told yet.
    failure: Option<ReadError>,
    reason: Option<CloseReason>,
    /// What was said of the client's credentials since the driver last looked.
    expiry: Option<Expiry>,
    refresh: Option<Refresh>,
    /// Where they end. The driver takes them while it looks at them, and at its end.
    credentials: Option<Box<Credentials>>,
    /// Notified of the end; made by the first who waits for it.
    ended: Option<Rc<Notify>>,
    /// A set whose readers the input waits for.
    easing: Option<Easing>,
    /// Changes asked for by a source while the sources were polled.
    deferred: Vec<Change>,
    /// The subprotocol that was agreed on.
    subprotocol: Option<Spoken>,
}

impl Rare {
    /// Whether there is nothing of it, and nobody waits for it.
    fn is_empty(&self) -> bool {
        let Self {
            failure,
            reason,
            expiry,
            refresh,
            credentials,
            ended,
            easing,
            deferred,
            subprotocol,
        } = self;
        failure.is_none()
            && reason.is_none()
            && expiry.is_none()
            && refresh.is_none()
            && credentials.is_none()
            && ended.as_ref().is_none_or(|ended| Rc::strong_count(ended) == 1)
            && easing.is_none()
            && deferred.is_empty()
            && subprotocol.is_none()
    }
}

impl State {
    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }
}

enum Change {
    Join(SeatKey, Box<dyn FrameSource>),
    Leave(SeatKey),
    Choose(SeatKey, Choice),
}

/// What a set can be joined through: a socket or a connection.
#[diagnostic::on_unimplemented(
    message = "a set cannot be joined by `{Self}`",
    label = "expected a `Socket` or a `Connection`",
    note = "join by the connection itself, `set.join(&socket)` or `set.join(&connection)`: the seat stays on its thread, where a `ConnectionHandle` does not"
)]
pub trait Linked {
    /// The connection.
    fn link(&self) -> &Link;
}

#[diagnostic::do_not_recommend]
impl Linked for Link {
    fn link(&self) -> &Link {
        self
    }
}

// What other modules of the crate use.
impl Link {
    /// The connection's name.
    pub fn id(&self) -> ClientId {
        self.0.id
    }

    /// The connection's own mailbox, for any thread.
    pub fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    /// Sends what `source` gives, beginning with the next poll of the response body.
    pub fn join(&self, mut source: Box<dyn FrameSource>) -> SeatKey {
        if let Some(sink) = self.0.outbox.sink().filter(|_| self.0.outbound.shares()) {
            source.relay_into(&sink);
        }
        let key = SeatKey::next();
        if self.0.stage.get() == Stage::Ended {
            return key;
        }
        match self.0.sources.try_borrow_mut() {
            Ok(mut sources) => sources.join(key, source),
            Err(_) => self.defer(Change::Join(key, source)),
        }
        self.0.outbox.wake();
        key
    }

    /// Drops a source; without effect where that has happened already.
    pub fn leave(&self, key: SeatKey) {
        let left = match self.0.sources.try_borrow_mut() {
            Ok(mut sources) => sources.leave(key),
            Err(_) => {
                self.defer(Change::Leave(key));
                None
            }
        };
        drop(left);
    }

    /// Whether the seat of this source can still say something of it.
    pub(super) fn has(&self, key: SeatKey) -> bool {
        // Borrowed means that a source is just being polled: the seat is heard behind that.
        self.0.sources.try_borrow_mut().map_or(true, |mut sources| sources.choices(key).is_some())
    }

    /// Tells a source what its seat says; without effect where it has left.
    pub(super) fn choose(&self, key: SeatKey, choice: Choice) {
        let unused = match self.0.sources.try_borrow_mut() {
            Ok(mut sources) => match sources.choices(key) {
                Some(choices) => choices.choose(choice),
                None => Some(choice),
            },
            Err(_) => {
                self.defer(Change::Choose(key, choice));
                None
            }
        };
        drop(unused);
    }

    /// As whose connection a source was entered, if it is still there.
    pub(super) fn whose(&self, key: SeatKey) -> Option<Whose> {
        self.0.sources.try_borrow_mut().ok()?.choices(key)?.whose().cloned()
    }

    /// Behind all that was broadcast to this connection so far.
    pub(super) fn fence(&self) -> Fence {
        // Borrowed means that a source is just being polled, and it is that source which sends.
        self.0.sources.try_borrow().map(|sources| sources.fence()).unwrap_or_default()
    }

    /// The subprotocol that was agreed on.
    pub(super) fn protocol(&self) -> Option<&'static str> {
        self.0.state.borrow().rare.as_ref()?.subprotocol.copied()
    }

    /// How the connection ended, once it has.
    pub fn reason(&self) -> Option<CloseReason> {
        self.0.state.borrow().rare.as_ref()?.reason.clone()
    }

    /// Waits until the connection has ended, and says how.
    pub(super) async fn ended(&self) -> CloseReason {
        loop {
            // Made before the look, so that no end is missed.
            let ended = Rc::clone(self.0.state.borrow_mut().rare().ended.get_or_insert_default());
            let ended = ended.notified();
            if self.stage() == Stage::Ended
                && let Some(reason) = self.reason()
            {
                return reason;
            }
            ended.await;
        }
    }
}

// For the other parts of a connection.
impl Link {
    pub(super) fn new(
        outbox: Outbox,
        outbound: Outbound,
        open: OpenStream,
        subprotocol: Option<Spoken>,
    ) -> Self {
        Self::with(outbox, outbound, Some(open), subprotocol)
    }

    /// One without a client, which counts nowhere.
    pub(super) fn unconnected(outbox: Outbox, outbound: Outbound) -> Self {
        Self::with(outbox, outbound, None, None)
    }

    /// Whether a message was ever asked for.
    pub(super) fn has_asked(&self) -> bool {
        self.0.receives.get()
    }

    fn with(
        outbox: Outbox,
        outbound: Outbound,
        open: Option<OpenStream>,
        subprotocol: Option<Spoken>,
    ) -> Self {
        let rare = subprotocol.map(|_| Box::new(Rare { subprotocol, ..Rare::default() }));
        Self(Rc::new(Core {
            id: ClientId::next(),
            outbox,
            outbound,
            incoming: Incoming::new(),
            sources: RefCell::default(),
            stage: Cell::new(Stage::Open),
            receives: Cell::default(),
            driver_gone: Cell::default(),
            body_gone: Cell::default(),
            beat: Cell::new(Millis::NEVER),
            open: RefCell::new(open),
            state: RefCell::new(State { inbox: None, rare }),
        }))
    }

    /// Tells what happens to the connection, while it is open.
    #[inline]
    pub(super) fn tell(&self, tell: impl FnOnce(&Observed)) {
        if let Some(open) = &*self.0.open.borrow() {
            tell(open.observed());
        }
    }

    /// In which user code runs before there is a driver.
    pub(super) fn span(&self) -> Span {
        let open = self.0.open.borrow();
        open.as_ref().map_or_else(Span::none, |open| open.observed().span().clone())
    }

    /// Calls the driver's user code in the connection's span.
    pub(super) fn in_scope<R>(&self, call: impl FnOnce() -> R) -> R {
        match &*self.0.open.borrow() {
            Some(open) => open.observed().span().in_scope(call),
            None => call(),
        }
    }

    /// Ready when the server drains, with a random part of the spread for this client.
    pub(super) fn poll_drain(&self, alarm: &Alarm, cx: &Context<'_>) -> Poll<Duration> {
        match &*self.0.open.borrow() {
            Some(open) => open.poll_drain(alarm, cx),
            None => Poll::Pending,
        }
    }

    /// What wakes the driver, for [`Link::poll_drain`] too.
    pub(super) fn alarm(&self) -> Alarm {
        self.0.open.borrow().as_ref().map_or_else(Alarm::own, OpenStream::alarm)
    }

    /// How what goes out is compressed.
    pub(super) fn outbound(&self) -> &Outbound {
        &self.0.outbound
    }

    /// What comes in.
    pub(super) fn incoming(&self) -> &Incoming {
        &self.0.incoming
    }

    pub(super) fn stage(&self) -> Stage {
        self.0.stage.get()
    }

    /// Goes to the stage behind `event`; the caller does what that asks for.
    #[must_use = "a transition may ask for something"]
    fn advance(&self, event: Event) -> Duty {
        let (stage, duty) = self.stage().after(event);
        self.0.stage.set(stage);
        duty
    }

    fn defer(&self, change: Change) {
        self.0.state.borrow_mut().rare().deferred.push(change);
    }

    /// Wakes the connection's task, which the body may be polled by as well.
    fn wake_driver(&self) {
        self.0.outbox.call_task();
    }
}
