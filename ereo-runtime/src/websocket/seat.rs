//! A connection in a set: what is broadcast goes out over it.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use super::close::CloseCode;
use super::deflate::Outbound;
use super::encoded::Encoded;
use super::frame::{OpCode, encode};
use super::link::{Link, Linked};
use super::mailbox::{Outbox, PushError};
use super::source::{Fence, FrameSource, Outgoing, SourceKey};
use crate::broadcast::{ClientId, ClientSet, Frames, Mailbox, OnLag, Position, Refused, Step};
use crate::message::{EncodeError, Message};

/// A connection's seat in a set; it leaves the set when the seat is dropped or the connection ends.
///
/// A connection that is overtaken is told in its own way: where the set disconnects
/// ([`OnLag`](crate::OnLag)) it is closed with 1013 and the reason `lagged: n messages missed`, and
/// otherwise it gets the text `{"type":"ereo.reset","reason":"lagged","missed":n}`.
pub struct Seat<T> {
    set: ClientSet<T>,
    link: Link,
    source: SourceKey,
    member: u64,
    on_lag: Rc<Cell<Option<OnLag>>>,
}

impl<T: Message + Clone + Send + Sync + 'static> ClientSet<T> {
    /// Seats a connection: from now on it is sent what is broadcast, each frame encoded once for all.
    ///
    /// A connection that joins one set twice gets everything twice.
    pub fn join(&self, connection: &impl Linked) -> Seat<T> {
        let link = connection.link().clone();
        let on_lag = Rc::new(Cell::new(None));
        let outbound = Rc::clone(link.outbound());
        let frames = self.frames(link.id(), outbound.broadcasts(), Rc::clone(&on_lag));
        let source = link.join(Box::new(FromSet { frames: Some(frames), outbound }));
        let mailbox = SeatMailbox { outbox: link.outbox().clone(), source };
        let member = self.enter(link.id(), Arc::new(mailbox));
        Seat { set: self.clone(), link, source, member, on_lag }
    }
}

impl<T> Seat<T> {
    /// The connection's name, for `send_to` and `broadcast_except`.
    pub fn id(&self) -> ClientId {
        self.link.id()
    }

    /// What becomes of this connection when it lags, instead of what the set says:
    /// `set.join(&socket).on_lag(OnLag::KeepLatest)`.
    #[must_use = "a seat that is dropped leaves the set"]
    pub fn on_lag(self, on_lag: OnLag) -> Self {
        self.on_lag.set(Some(on_lag));
        self
    }

    /// The set.
    pub fn set(&self) -> &ClientSet<T> {
        &self.set
    }
}

impl<T: Message + Clone + Send + Sync + 'static> Seat<T> {
    /// Sends to every client of the set, this one included.
    ///
    /// # Errors
    /// Those of [`ClientSet::broadcast`].
    pub fn broadcast(&self, message: &T) -> Result<Position, EncodeError> {
        self.set.broadcast(message)
    }

    /// Sends to every client of the set but this one.
    ///
    /// # Errors
    /// Those of [`ClientSet::broadcast`].
    pub fn broadcast_others(&self, message: &T) -> Result<Position, EncodeError> {
        self.set.broadcast_except(self.id(), message)
    }
}

impl<T> Drop for Seat<T> {
    fn drop(&mut self) {
        self.set.leave(self.link.id(), self.member);
        self.link.leave(self.source);
    }
}

impl<T> fmt::Debug for Seat<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat").field("id", &self.id()).field("set", &self.set).finish()
    }
}

/// The set's log as the connection's body reads it; `frames` is gone once the set has disconnected the
/// reader.
struct FromSet<T> {
    frames: Option<Frames<T>>,
    outbound: Rc<Outbound>,
}

impl<T: Message> FrameSource for FromSet<T> {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outgoing>> {
        let Some(frames) = &mut self.frames else { return Poll::Ready(None) };
        let Some(step) = ready!(frames.poll_step(cx)) else { return Poll::Ready(None) };
        Poll::Ready(Some(match step {
            Step::Frame(frame) => Outgoing::Frame(self.outbound.wire(frame)),
            Step::Missed(missed) => Outgoing::Frame(missing(missed)),
            Step::Disconnected(missed) => {
                self.frames = None;
                let reason = format!("lagged: {missed} messages missed");
                Outgoing::Close(CloseCode::TRY_AGAIN, reason.into())
            }
            Step::Unencodable(error) => {
                tracing::error!(%error, "a message could not be encoded and is told as missed");
                Outgoing::Frame(missing(1))
            }
        }))
    }

    fn position(&self) -> u64 {
        // Nothing is waited for where nothing will come.
        self.frames.as_ref().map_or(u64::MAX, Frames::cursor)
    }

    fn head(&self) -> u64 {
        self.frames.as_ref().map_or(u64::MAX, Frames::head)
    }
}

fn missing(missed: u64) -> Bytes {
    let told = format!(r#"{{"type":"ereo.reset","reason":"lagged","missed":{missed}}}"#);
    encode(OpCode::Text, told.as_bytes())
}

/// The way to this connection alone, from any thread.
struct SeatMailbox {
    outbox: Outbox,
    source: SourceKey,
}

impl Mailbox for SeatMailbox {
    fn push(&self, frame: Encoded, head: u64) -> Result<(), Refused> {
        self.outbox.try_push(frame, Fence::at(self.source, head)).map_err(|error| match error {
            PushError::Full => Refused::Full,
            PushError::Closed => Refused::Gone,
        })
    }
}
