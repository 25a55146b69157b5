//! What the parts of one connection share: its stage, what was received, and how it ended.
//!
//! A connection lives on one thread. Its response body (polled by actix), its driver (reader, timers
//! and handler, one task) and the user's handles hold one [`Link`]; only its [`Outbox`] is open to
//! other threads. No borrow of a cell is held while a waker, a source or user code runs, sources'
//! `poll_frame` excepted: see `deferred`.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use bytestring::ByteString;
use tokio::sync::Notify;

use super::close::{self, CloseCode, CloseReason};
use super::mailbox::{MailboxLimits, Outbox};
use super::reader::ReadError;
use super::source::{Fence, FrameSource, Outgoing, SourceKey, Sources};
use crate::message::Frame;
use crate::server::OpenStream;

/// Messages, and bytes, that may wait for the handler before the socket is not read any more. With
/// the one message that passes the second figure, a connection holds at most these bytes and two
/// times `max_message`.
const INBOX_MESSAGES: usize = 16;
const INBOX_BYTES: usize = 64 << 10;

/// Names a connection in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(u64);

impl ConnectionId {
    fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // Only uniqueness matters.
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a connection stands between its handshakes (RFC 6455 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Open,
    /// The peer's close frame was read. Ours waits until the handler has seen what came before it,
    /// so that its answers still go out.
    Answering,
    /// Our close frame is queued; the peer's is awaited.
    Closing,
    /// As `Closing`, but what the peer sends cannot be read any more: it is thrown away for a moment,
    /// for closing a TCP connection with unread bytes resets it and may cost the peer our close frame.
    Failing,
    /// Nothing is read any more; the body ends behind what is queued.
    Ended,
}

/// A handle on one connection, for code that does not know its message types.
#[derive(Clone)]
pub struct Link(Rc<Core>);

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("id", &self.0.id).field("stage", &self.0.stage).finish()
    }
}

struct Core {
    id: ConnectionId,
    outbox: Outbox,
    sources: RefCell<Sources>,
    /// Changes asked for by a source while the sources were polled.
    deferred: RefCell<Vec<Change>>,
    stage: Cell<Stage>,
    ended: Notify,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    inbox: VecDeque<Frame>,
    inbox_bytes: usize,
    /// An error of the reader that `recv` has not told yet.
    failure: Option<ReadError>,
    reason: Option<CloseReason>,
    /// Whether the handler has ever asked for a message.
    receives: bool,
    /// Whether the response body was dropped: the connection is gone below.
    body_gone: bool,
    /// What counts the connection as open, once its driver is done.
    open: Option<OpenStream>,
    receiver: Option<Waker>,
    driver: Option<Waker>,
}

enum Change {
    Join(SourceKey, Box<dyn FrameSource>),
    Leave(SourceKey),
}

/// What a connection can be joined through: a socket or a connection handle.
pub trait Linked {
    /// The connection.
    fn link(&self) -> &Link;
}

impl Linked for Link {
    fn link(&self) -> &Link {
        self
    }
}

// What other modules of the crate use.
impl Link {
    /// The connection's name.
    pub fn id(&self) -> ConnectionId {
        self.0.id
    }

    /// The connection's own mailbox, for any thread.
    pub fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    /// Sends what `source` gives, beginning with the next poll of the response body.
    pub fn join(&self, source: Box<dyn FrameSource>) -> SourceKey {
        let key = SourceKey::next();
        if self.0.stage.get() == Stage::Ended {
            return key;
        }
        match self.0.sources.try_borrow_mut() {
            Ok(mut sources) => sources.join(key, source),
            Err(_) => self.0.deferred.borrow_mut().push(Change::Join(key, source)),
        }
        self.0.outbox.wake();
        key
    }

    /// Drops a source; without effect where that has happened already.
    pub fn leave(&self, key: SourceKey) {
        let left = match self.0.sources.try_borrow_mut() {
            Ok(mut sources) => sources.leave(key),
            Err(_) => {
                self.0.deferred.borrow_mut().push(Change::Leave(key));
                None
            }
        };
        drop(left);
    }

    /// Behind all that was broadcast to this connection so far.
    pub(super) fn fence(&self) -> Fence {
        // Borrowed means that a source is just being polled, and it is that source which sends.
        self.0.sources.try_borrow().map(|sources| sources.fence()).unwrap_or_default()
    }

    /// How the connection ended, once it has.
    pub fn reason(&self) -> Option<CloseReason> {
        self.0.state.borrow().reason.clone()
    }

    /// Waits until the connection has ended, and says how.
    pub(super) async fn ended(&self) -> CloseReason {
        loop {
            // Made before the look, so that no end is missed.
            let ended = self.0.ended.notified();
            if self.stage() == Stage::Ended
                && let Some(reason) = self.reason()
            {
                return reason;
            }
            ended.await;
        }
    }
}

// The receiving side.
impl Link {
    pub(super) fn new(limits: MailboxLimits) -> Self {
        Self(Rc::new(Core {
            id: ConnectionId::next(),
            outbox: Outbox::new(limits),
            sources: RefCell::default(),
            deferred: RefCell::default(),
            stage: Cell::new(Stage::Open),
            ended: Notify::new(),
            state: RefCell::default(),
        }))
    }

    pub(super) fn stage(&self) -> Stage {
        self.0.stage.get()
    }

    /// Registers the driver's task; it is woken when a timer or the payload must be looked at.
    pub(super) fn register_driver(&self, cx: &Context<'_>) {
        let driver = &mut self.0.state.borrow_mut().driver;
        match driver {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
    }

    pub(super) fn has_room(&self) -> bool {
        let state = self.0.state.borrow();
        state.inbox.len() < INBOX_MESSAGES && state.inbox_bytes < INBOX_BYTES
    }

    pub(super) fn body_gone(&self) -> bool {
        self.0.state.borrow().body_gone
    }

    /// A message was read.
    pub(super) fn deliver(&self, frame: Frame) {
        // Once our close frame is queued nobody could answer, section 1.4 lets it go unread.
        if self.stage() != Stage::Open {
            return;
        }
        let mut state = self.0.state.borrow_mut();
        state.inbox_bytes += frame_len(&frame);
        state.inbox.push_back(frame);
        let receiver = state.receiver.take();
        drop(state);
        wake(receiver);
    }

    /// The peer's close frame was read.
    pub(super) fn peer_closes(&self, code: Option<CloseCode>, reason: ByteString) {
        match self.stage() {
            Stage::Open => {
                let mut state = self.0.state.borrow_mut();
                state.reason = Some(CloseReason::Peer { code, reason });
                let receiver = state.receiver.take();
                drop(state);
                self.0.stage.set(Stage::Answering);
                wake(receiver);
                self.wake_driver();
            }
            Stage::Closing => self.end(),
            Stage::Answering | Stage::Failing | Stage::Ended => {}
        }
    }

    /// Answers the peer's close frame at once for a handler that only sends: there is nothing that it
    /// would have to finish first. To be called after the handler was polled.
    pub(super) fn answer_unheard(&self) {
        let state = self.0.state.borrow();
        let unheard = !state.receives && state.inbox.is_empty();
        drop(state);
        if unheard {
            self.answer();
        }
    }

    /// The peer's bytes make no sense.
    pub(super) fn read_failed(&self, error: ReadError) {
        match self.stage() {
            Stage::Open => {
                let (code, told) = match error {
                    ReadError::Protocol(error) => (CloseCode::PROTOCOL, error.to_string()),
                    ReadError::TooBig { .. } => (CloseCode::TOO_BIG, error.to_string()),
                    ReadError::InvalidUtf8 => (CloseCode::INVALID_DATA, error.to_string()),
                };
                self.0.state.borrow_mut().failure = Some(error);
                self.close(code, &told, error.into());
                if self.stage() == Stage::Closing {
                    self.0.stage.set(Stage::Failing);
                }
            }
            // No close frame of the peer's can be found any more.
            Stage::Closing => self.0.stage.set(Stage::Failing),
            Stage::Answering | Stage::Failing | Stage::Ended => {}
        }
    }

    /// The peer's end of the connection was reached: FIN or RST.
    pub(super) fn input_ended(&self) {
        // After its close frame that is fine, if early: ours still goes out, for what it is worth.
        if self.stage() != Stage::Answering {
            self.end();
        }
    }

    /// The next message for the handler.
    pub(super) fn poll_recv(&self, cx: &mut Context<'_>) -> Poll<Result<Option<Frame>, ReadError>> {
        let mut state = self.0.state.borrow_mut();
        state.receives = true;
        if let Some(frame) = state.inbox.pop_front() {
            state.inbox_bytes -= frame_len(&frame);
            // The driver stops reading while the inbox is full. It notices by itself when the handler
            // that it just polls has taken something; a task of the handler's must wake it.
            let driver = state.driver.as_ref().filter(|driver| !driver.will_wake(cx.waker()));
            let driver = driver.cloned();
            drop(state);
            wake(driver);
            return Poll::Ready(Ok(Some(frame)));
        }
        if let Some(error) = state.failure.take() {
            return Poll::Ready(Err(error));
        }
        if self.stage() == Stage::Open {
            match &mut state.receiver {
                Some(waker) => waker.clone_from(cx.waker()),
                none => *none = Some(cx.waker().clone()),
            }
            return Poll::Pending;
        }
        drop(state);
        self.answer();
        Poll::Ready(Ok(None))
    }
}

// Closing.
impl Link {
    /// Closes from this side; without effect where the connection closes already, except that a
    /// peer's close frame is answered.
    pub(super) fn close(&self, code: CloseCode, told: &str, reason: CloseReason) {
        match self.stage() {
            Stage::Open => {
                let mut state = self.0.state.borrow_mut();
                state.reason = Some(reason);
                let receiver = state.receiver.take();
                drop(state);
                self.0.stage.set(Stage::Closing);
                self.0.outbox.seal(close::frame(Some(code), told), self.fence());
                wake(receiver);
                self.wake_driver();
            }
            Stage::Answering => self.answer(),
            Stage::Closing | Stage::Failing | Stage::Ended => {}
        }
    }

    /// Sends the close frame that answers the peer's, if that is due (section 5.5.1: "typically
    /// echos the status code it received").
    pub(super) fn answer(&self) {
        if self.stage() != Stage::Answering {
            return;
        }
        let code = match &self.0.state.borrow().reason {
            Some(CloseReason::Peer { code, .. }) => *code,
            _ => None,
        };
        self.0.outbox.seal(close::frame(code, ""), self.fence());
        self.end();
    }

    /// Nothing is waited for any more: the body ends behind what is queued.
    pub(super) fn end(&self) {
        if self.0.stage.replace(Stage::Ended) == Stage::Ended {
            return;
        }
        let mut state = self.0.state.borrow_mut();
        state.reason.get_or_insert(CloseReason::Vanished);
        let receiver = state.receiver.take();
        drop(state);
        self.0.outbox.finish();
        wake(receiver);
        self.0.ended.notify_waiters();
        self.wake_driver();
    }

    /// Ends at once: what is queued would not be read. Frees it and leaves all sources.
    pub(super) fn abort(&self, code: CloseCode, told: &str, reason: CloseReason) {
        self.0.outbox.clear();
        self.leave_all();
        self.close(code, told, reason);
        self.end();
    }

    pub(super) fn leave_all(&self) {
        // While sources are polled the body is alive, and drops them when it ends.
        let sources =
            self.0.sources.try_borrow_mut().map(|mut sources| std::mem::take(&mut *sources));
        drop(sources);
    }

    fn wake_driver(&self) {
        let driver = self.0.state.borrow_mut().driver.take();
        wake(driver);
    }
}

// The sending side: the response body.
impl Link {
    /// The next frame of a source; only what must go before `fence`, if there is one.
    pub(super) fn poll_sources(
        &self,
        fence: Option<&mut Fence>,
        cx: &mut Context<'_>,
    ) -> Option<Outgoing> {
        let mut sources = self.0.sources.borrow_mut();
        let outgoing = match fence {
            Some(fence) => sources.poll_before(fence, cx),
            None => sources.poll(cx),
        };
        drop(sources);
        let deferred = std::mem::take(&mut *self.0.deferred.borrow_mut());
        for change in deferred {
            match change {
                Change::Join(key, source) => {
                    self.0.sources.borrow_mut().join(key, source);
                    // It is polled soon, also if this poll finds nothing else.
                    cx.waker().wake_by_ref();
                }
                Change::Leave(key) => self.leave(key),
            }
        }
        outgoing
    }

    /// The body is gone: closed, reset, or stopped by actix.
    pub(super) fn body_dropped(&self) {
        self.0.outbox.clear();
        self.leave_all();
        let mut state = self.0.state.borrow_mut();
        state.body_gone = true;
        let open = state.open.take();
        drop(state);
        drop(open);
        self.wake_driver();
    }

    /// Keeps what counts the connection as open until its body is gone.
    pub(super) fn hand_over(&self, open: Option<OpenStream>) {
        let mut state = self.0.state.borrow_mut();
        if !state.body_gone {
            state.open = open;
        }
    }

    /// The body has sent all that it will send.
    pub(super) fn body_done(&self) {
        self.leave_all();
    }
}

fn frame_len(frame: &Frame) -> usize {
    match frame {
        Frame::Text(text) => text.len(),
        Frame::Binary(bytes) => bytes.len(),
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
