//! Handles that a handler holds: [`Socket`] to receive and send, [`Connection`] to send.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytestring::ByteString;

use super::close::{self, CloseCode, CloseReason};
use super::error::{DecodeError, SocketError};
use super::link::{Link, Linked};
use super::message::FromPayload;
use super::sending::Sending;
use crate::broadcast::ConnectionHandle;
use crate::expiry::{Expiry, Renewal, refresh};
use crate::message::{Payload, Sendable};
use crate::wire::{ClientId, encode_message};

/// The sending half of a connection: a cheap handle, several may exist.
///
/// It stays on the thread that serves the connection: rustc says of one in a `static`, or in what
/// `std::thread::spawn` or `tokio::spawn` is given, that it cannot be sent or shared between threads.
/// What other threads are to send goes through a [`ClientSet`](crate::ClientSet) that the connection joins, by
/// `broadcast` or `send_to`; what they are to close, they hold a [`Connection::handle`] of; `actix_web::rt::spawn`
/// runs a task on the same thread.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// struct Counter { conn: Connection<String>, count: u64 }
///
/// #[websocket("/count")]
/// impl Counter {
///     async fn open(conn: Connection<String>) -> Self {
///         Self { conn, count: 0 }
///     }
///
///     async fn message(&mut self, add: u64) -> Result<(), SocketError> {
///         self.count += add;
///         self.conn.send(&self.count.to_string()).await
///     }
/// }
/// ```
pub struct Connection<Out> {
    link: Link,
    sends: PhantomData<fn(&Out)>,
}

impl<Out> Clone for Connection<Out> {
    fn clone(&self) -> Self {
        Self::new(self.link.clone())
    }
}

impl<Out> fmt::Debug for Connection<Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("id", &self.link.id()).finish_non_exhaustive()
    }
}

impl<Out> Linked for Connection<Out> {
    fn link(&self) -> &Link {
        &self.link
    }
}

impl<Out> Connection<Out> {
    pub(super) fn new(link: Link) -> Self {
        Self { link, sends: PhantomData }
    }

    /// The connection's name in this process.
    pub fn id(&self) -> ClientId {
        self.link.id()
    }

    /// The subprotocol that was chosen among those of `protocols = [..]`; none where the client offered
    /// none.
    pub fn protocol(&self) -> Option<&'static str> {
        self.link.protocol()
    }

    /// Closes the connection with 3000 when the client's credentials end: a
    /// [`SystemTime`](std::time::SystemTime), an `Instant`, a `Duration` from now, or
    /// `Expiry::at_unix(claims.exp)`. The last word counts; see [`expiry`](crate::expiry).
    pub fn expires_at(&self, end: impl Into<Expiry>) {
        self.link.expires_at(end.into());
    }

    /// Asks `callback` for a renewal before the end that [`Connection::expires_at`] set: `Some` moment
    /// until which the connection goes on, or `None`, which closes it. An `impl` has the hook
    /// `refresh` for that.
    pub fn refresh<F, A>(&self, callback: F)
    where
        F: FnMut() -> A + 'static,
        A: Future<Output: Renewal> + 'static,
    {
        self.link.refresh_by(refresh(callback));
    }

    /// The connection, to hold and close on other threads.
    pub fn handle(&self) -> ConnectionHandle {
        self.link.handle()
    }

    /// Waits until the connection has ended, and says how.
    pub async fn ended(&self) -> CloseReason {
        self.link.ended().await
    }

    /// Closes the connection and waits until the peer has closed it too, or has had its time.
    ///
    /// What was sent before is delivered first. A reason of more than 123 bytes is cut.
    pub async fn close(&self, code: CloseCode, reason: impl Into<ByteString>) {
        let reason = ByteString::from(close::cut(&reason.into()));
        let told = reason.clone();
        self.link.close(code, &told, CloseReason::Local { code, reason });
        self.ended().await;
    }
}

// What is no message is told in the words of `Sendable`, where a bound of the `impl` would say that there is no
// such method.
impl<Out> Connection<Out> {
    /// Sends a message, waiting while the peer does not read what was sent before.
    ///
    /// It arrives behind everything that this connection was sent before, be it by `send` or by a
    /// broadcast of a set that it has joined. `Ok` means queued: only an answer of the peer can tell
    /// that it arrived.
    ///
    /// # Errors
    /// [`SocketError::Encode`], or [`SocketError::Closed`] once the connection has ended.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, nothing was sent.
    pub fn send(&self, message: &Out) -> Sending
    where
        Out: Sendable,
    {
        Sending::new(&self.link, encode_message(message))
    }
}

/// A connection as a function form handler has it: typed in, typed out.
///
/// Dropping it does not end the connection; the handler's return does.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[websocket("/sum")]
/// async fn sum(mut socket: Socket<u64, String>) -> Result<(), SocketError> {
///     let mut sum = 0;
///     while let Some(number) = socket.recv().await? {
///         sum += number;
///         socket.send(&sum.to_string()).await?;
///     }
///     Ok(())
/// }
/// ```
pub struct Socket<In, Out> {
    connection: Connection<Out>,
    receives: PhantomData<fn() -> In>,
}

impl<In, Out> fmt::Debug for Socket<In, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("id", &self.id()).finish_non_exhaustive()
    }
}

impl<In, Out> Linked for Socket<In, Out> {
    fn link(&self) -> &Link {
        &self.connection.link
    }
}

impl<In, Out> Socket<In, Out> {
    pub(super) fn new(link: Link) -> Self {
        Self { connection: Connection::new(link), receives: PhantomData }
    }

    /// The connection's name in this process.
    pub fn id(&self) -> ClientId {
        self.connection.id()
    }

    /// The subprotocol that was chosen; see [`Connection::protocol`].
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// #[websocket("/chat/ws", protocols = ["chat.v2", "chat.v1"])]
    /// async fn chat(mut socket: Socket<String, String>) -> Result<(), SocketError> {
    ///     let greets = socket.protocol() == Some("chat.v2");
    ///     if greets {
    ///         socket.send(&"welcome".to_owned()).await?;
    ///     }
    ///     while let Some(text) = socket.recv().await? {
    ///         socket.send(&text).await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn protocol(&self) -> Option<&'static str> {
        self.connection.protocol()
    }

    /// The connection, to hold and close on other threads.
    pub fn handle(&self) -> ConnectionHandle {
        self.connection.handle()
    }

    pub(super) fn connection_ref(&self) -> &Connection<Out> {
        &self.connection
    }

    /// A handle that sends, for instance for a task beside the handler.
    pub fn connection(&self) -> Connection<Out> {
        self.connection.clone()
    }

    /// How the connection ended, once `recv` has said `None`.
    pub fn reason(&self) -> Option<CloseReason> {
        self.connection.link.reason()
    }

    /// Closes the connection when the client's credentials end; see [`Connection::expires_at`].
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// #[websocket("/account/ws")]
    /// async fn account(mut socket: Socket<String, String>, sessions: Data<Sessions>) -> Result<(), SocketError> {
    ///     socket.expires_at(sessions.good_until().await);
    ///     socket.refresh(move || {
    ///         let sessions = sessions.clone();
    ///         async move { Some(sessions.good_until().await) }
    ///     });
    ///     while let Some(text) = socket.recv().await? {
    ///         socket.send(&text).await?;
    ///     }
    ///     Ok(())
    /// }
    /// # struct Sessions;
    /// # impl Sessions { async fn good_until(&self) -> Duration { Duration::from_secs(60) } }
    /// ```
    pub fn expires_at(&self, end: impl Into<Expiry>) {
        self.connection.expires_at(end);
    }

    /// Asks `callback` for a renewal before that; see [`Connection::refresh`].
    pub fn refresh<F, A>(&self, callback: F)
    where
        F: FnMut() -> A + 'static,
        A: Future<Output: Renewal> + 'static,
    {
        self.connection.refresh(callback);
    }

    /// Closes the connection; see [`Connection::close`].
    pub async fn close(&self, code: CloseCode, reason: impl Into<ByteString>) {
        self.connection.close(code, reason).await;
    }

    /// The next message; `None` when there will be no more, however the connection ended: closed by
    /// the peer or this side, lost, idle or drained. [`Socket::reason`] says which.
    ///
    /// # Errors
    /// [`SocketError::Decode`] for a message that is not an `In`: the connection goes on, and so may
    /// the handler. [`SocketError::TooBig`], [`SocketError::InvalidUtf8`] and
    /// [`SocketError::Protocol`] once, when the peer broke a rule; the connection is closing then.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, no message is lost.
    pub fn recv<Kind>(&mut self) -> Recv<'_, In, Out>
    where
        In: FromPayload<Kind>,
    {
        Recv { socket: self, read: In::from_payload }
    }
}

/// What [`Socket::recv`] waits for. A named type: an `async fn` would say thrice that an `In` cannot be
/// received.
#[must_use = "nothing is received before it is awaited"]
pub struct Recv<'a, In, Out> {
    socket: &'a mut Socket<In, Out>,
    read: fn(Payload) -> Result<In, DecodeError>,
}

impl<In, Out> Future for Recv<'_, In, Out> {
    type Output = Result<Option<In>, SocketError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let frame = ready!(self.socket.connection.link.poll_recv(cx))?;
        Poll::Ready(frame.map(self.read).transpose().map_err(Into::into))
    }
}

impl<In, Out> Socket<In, Out> {
    /// Sends a message; see [`Connection::send`].
    ///
    /// # Errors
    /// [`SocketError::Encode`], or [`SocketError::Closed`] once the connection has ended.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, nothing was sent.
    pub fn send(&self, message: &Out) -> Sending
    where
        Out: Sendable,
    {
        self.connection.send(message)
    }
}
