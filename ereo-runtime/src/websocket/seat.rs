//! A connection in a set: what is broadcast goes out over it.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use serde::Serialize;

use super::body::missing;
use super::link::{Link, Linked};
use super::source::{FrameItem, FrameSource};
use crate::broadcast::{
    BroadcastError, Choice, Choices, ClientSet, Entrant, Frames, Info, Item, OnLag, Receipt,
    RoomFull, SeatKey,
};
use crate::fanout::Sink;
use crate::message::{EncodeError, Message, Sendable};
use crate::wire::ClientId;

/// A connection's seat in a set; it leaves the set when the seat is dropped or the connection ends.
///
/// A connection that is overtaken is told in its own way: where the set disconnects
/// ([`OnLag`](crate::broadcast::OnLag)) it is closed with 1013 and the reason `lagged: n messages missed`, and
/// otherwise it gets the text `{"type":"ereo.reset","reason":"lagged","missed":n}`.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[websocket("/rooms/{room}")]
/// async fn room(
///     room: String,
///     mut socket: Socket<String, String>,
///     set: Data<ClientSet<String>>,
/// ) -> Result<(), SocketError> {
///     let seat = set.room(&room).join(&socket)?.as_member("ann", "here")?;
///     while let Some(line) = socket.recv().await? {
///         seat.set_info(&format!("said {line}"))?;
///         seat.broadcast_others(&line)?;
///     }
///     Ok(())
/// }
/// ```
#[must_use = "a seat that is dropped leaves the set: keep it as long as the connection"]
pub struct Seat<T> {
    set: ClientSet<T>,
    link: Link,
    /// Names the seat in the set and on the connection.
    place: SeatKey,
}

impl<T> ClientSet<T> {
    /// Seats a connection: from now on it is sent what is broadcast, each frame encoded once for all.
    ///
    /// A connection that joins one set twice gets everything twice.
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// #[websocket("/chat")]
    /// async fn chat(
    ///     mut socket: Socket<String, String>,
    ///     set: Data<ClientSet<String>>,
    /// ) -> Result<(), SocketError> {
    ///     let seat = set.join(&socket)?;
    ///     while let Some(line) = socket.recv().await? {
    ///         seat.broadcast_others(&line)?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`RoomFull`] where the set has as many clients as it may
    /// ([`max_clients`](crate::broadcast::Builder::max_clients)): with `?` it is 503 in an `open` hook, before the upgrade, and close code 1008 in a
    /// function.
    pub fn join(&self, connection: &impl Linked) -> Result<Seat<T>, RoomFull>
    where
        T: Sendable + Clone + Send + Sync + 'static,
    {
        let link = connection.link().clone();
        let form = link.outbound().broadcasts();
        #[cfg(feature = "inspector")]
        let frames = crate::charge::paying(link.payer(), || self.try_frames(form))?;
        #[cfg(not(feature = "inspector"))]
        let frames = self.try_frames(form)?;
        link.payer().joins(&self.known());
        let is_opening = frames.is_opening();
        let source = FromSet(Some(frames));
        let source: Box<dyn FrameSource> = if is_opening {
            Box::new(Opening { source, is_open: false })
        } else {
            Box::new(source)
        };
        let source = link.join(source);
        self.enter(link.id(), source, link.outbox().for_sets());
        Ok(Seat { set: self.clone(), link, place: source })
    }
}

impl<T> Seat<T> {
    /// The connection's name, for `send_to` and `broadcast_except`.
    pub fn id(&self) -> ClientId {
        self.link.id()
    }

    /// What becomes of this connection when it lags, instead of what the set says:
    /// `set.join(&socket)?.on_lag(OnLag::KeepLatest)`.
    pub fn on_lag(self, on_lag: OnLag) -> Self {
        self.link.choose(self.place, Choice::OnLag(on_lag));
        self
    }

    /// Makes the connection one of the member `key`, such as a user's id, with `info` for those who
    /// ask who is there: `set.join(&socket)?.as_member(user.id, &user)?`. It leaves with the seat, or
    /// when the connection ends; see [`ClientSet::members`].
    ///
    /// # Errors
    /// When `info` cannot be serialized or has more than 64 KiB as JSON, or the key has more than 255
    /// bytes; the seat is left then.
    pub fn as_member<I: Serialize + ?Sized>(
        self,
        key: impl fmt::Display,
        info: &I,
    ) -> Result<Self, EncodeError> {
        let who = Entrant::new(key, info)?;
        if self.link.has(self.place) {
            // Those who are woken by that may end the connection: then it is entered in vain.
            let queue = self.link.outbox().for_sets();
            self.link.choose(self.place, self.set.enter_as(who, self.place, queue));
        }
        Ok(self)
    }

    /// Gives the member that the connection is one of another info, for all its connections. `false`
    /// where it is none's, or has ended.
    ///
    /// # Errors
    /// When `info` cannot be serialized or has more than 64 KiB as JSON; nothing has changed then.
    pub fn set_info<I: Serialize + ?Sized>(&self, info: &I) -> Result<bool, EncodeError> {
        let info = Info::of(info)?;
        let whose = self.link.whose(self.place);
        Ok(whose.is_some_and(|whose| {
            whose.update(info);
            true
        }))
    }

    /// The set.
    pub fn set(&self) -> &ClientSet<T> {
        &self.set
    }
}

impl<T> Seat<T> {
    /// Sends to every client of the set, this one included.
    ///
    /// # Errors
    /// Those of [`ClientSet::broadcast`].
    pub fn broadcast(&self, message: &T) -> Result<Receipt, BroadcastError>
    where
        T: Sendable + Clone + Send + Sync + 'static,
    {
        self.set.broadcast(message)
    }

    /// Sends to every client of the set but this one.
    ///
    /// # Errors
    /// Those of [`ClientSet::broadcast`].
    pub fn broadcast_others(&self, message: &T) -> Result<Receipt, BroadcastError>
    where
        T: Sendable + Clone + Send + Sync + 'static,
    {
        self.set.broadcast_except(self.id(), message)
    }
}

impl<T> Drop for Seat<T> {
    fn drop(&mut self) {
        self.set.leave(self.link.id(), self.place);
        self.link.leave(self.place);
    }
}

impl<T> fmt::Debug for Seat<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat").field("id", &self.id()).field("set", &self.set).finish()
    }
}

/// The set's log as the connection's body reads it; gone once the set has disconnected the reader.
struct FromSet<T>(Option<Frames<T>>);

impl<T: Message + 'static> FrameSource for FromSet<T> {
    fn relay_into(&mut self, sink: &Arc<dyn Sink>) {
        if let Some(frames) = &mut self.0 {
            frames.relay_into(sink);
        }
    }

    fn is_relayed(&self) -> bool {
        self.0.as_ref().is_some_and(Frames::is_relayed)
    }

    fn choices(&mut self) -> Option<&mut Choices> {
        self.0.as_mut().map(Frames::choices)
    }

    fn poll_frame(
        &mut self,
        client: ClientId,
        end: u64,
        cx: &mut Context<'_>,
    ) -> Poll<Option<FrameItem>> {
        let Some(frames) = &mut self.0 else { return Poll::Ready(None) };
        let item = ready!(frames.poll_item(client, end, cx));
        if let Some(Item::Ended(_)) = item {
            self.0 = None;
        }
        Poll::Ready(item.map(|item| {
            item.map(|frame| {
                frame.unwrap_or_else(|error| {
                    tracing::error!(%error, "a message could not be encoded and is told as missed");
                    missing(1).into()
                })
            })
        }))
    }

    fn position(&self) -> u64 {
        // Nothing is waited for where nothing will come.
        self.0.as_ref().map_or(u64::MAX, Frames::cursor)
    }

    fn head(&self) -> u64 {
        self.0.as_ref().map_or(u64::MAX, Frames::head)
    }
}

/// The same of a set that has yet to ask its store where it stands: until then nothing is sent.
struct Opening<T> {
    source: FromSet<T>,
    is_open: bool,
}

impl<T: Message + 'static> FrameSource for Opening<T> {
    fn relay_into(&mut self, sink: &Arc<dyn Sink>) {
        self.source.relay_into(sink);
    }

    fn is_relayed(&self) -> bool {
        self.source.is_relayed()
    }

    fn choices(&mut self) -> Option<&mut Choices> {
        self.source.choices()
    }

    fn poll_frame(
        &mut self,
        client: ClientId,
        end: u64,
        cx: &mut Context<'_>,
    ) -> Poll<Option<FrameItem>> {
        if !self.is_open
            && let Some(frames) = &mut self.source.0
        {
            ready!(frames.poll_open(cx));
            self.is_open = true;
        }
        self.source.poll_frame(client, end, cx)
    }

    fn position(&self) -> u64 {
        match &self.source.0 {
            Some(frames) if !self.is_open => frames.first_cursor(),
            _ => self.source.position(),
        }
    }

    fn head(&self) -> u64 {
        self.source.head()
    }
}
