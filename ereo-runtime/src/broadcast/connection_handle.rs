//! A connection, as other threads may hold it.

use std::fmt;

use super::mailboxes::DirectQueue;
use crate::ending::Ending;
use crate::sync::Arc;
use crate::wire::ClientId;

/// A connection to hold anywhere: it can be sent to other threads, cloned, and closed from there.
///
/// A socket's is [`Connection::handle`](crate::Connection::handle); in the function of an event stream, and of a
/// socket, it is an argument, `connection: ConnectionHandle`. It keeps nothing of a connection that has
/// ended but the memory of its mailbox.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// const TOO_LONG: Ending = Ending::code(4008, "an hour is over").final_();
///
/// #[websocket("/call")]
/// async fn call(mut socket: Socket<String, String>) -> Result<(), SocketError> {
///     let handle = socket.handle();
///     std::thread::spawn(move || {
///         std::thread::sleep(Duration::from_secs(3600));
///         handle.close(TOO_LONG);
///     });
///     while let Some(text) = socket.recv().await? {
///         socket.send(&text).await?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct ConnectionHandle {
    id: ClientId,
    queue: Arc<dyn DirectQueue>,
}

impl ConnectionHandle {
    pub(crate) fn new(id: ClientId, queue: Arc<dyn DirectQueue>) -> Self {
        Self { id, queue }
    }

    /// The same without holding the connection's mailbox.
    #[cfg(feature = "inspector")]
    pub(crate) fn downgrade(&self) -> WeakHandle {
        WeakHandle { id: self.id, queue: std::sync::Arc::downgrade(&self.queue) }
    }

    pub(super) fn queue(&self) -> &Arc<dyn DirectQueue> {
        &self.queue
    }

    /// The connection's name in this process; [`name`](ClientId::name) of it is that among those of all servers.
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// Ends the connection, behind what it was sent before, and does not wait for that. Whether it was told:
    /// not if it has ended, or was told before.
    pub fn close(&self, ending: Ending) -> bool {
        self.queue.end(&ending, None)
    }

    /// Whether it has not ended, nor was told to.
    pub fn is_open(&self) -> bool {
        self.queue.is_open()
    }
}

/// A connection's name, and the way to end it while it is there.
#[cfg(feature = "inspector")]
pub(crate) struct WeakHandle {
    id: ClientId,
    queue: std::sync::Weak<dyn DirectQueue>,
}

#[cfg(feature = "inspector")]
impl WeakHandle {
    pub(crate) fn id(&self) -> ClientId {
        self.id
    }

    /// As [`ConnectionHandle::close`].
    pub(crate) fn close(&self, ending: &Ending) -> bool {
        self.queue.upgrade().is_some_and(|queue| queue.end(ending, None))
    }
}

#[cfg(feature = "inspector")]
impl fmt::Debug for WeakHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakHandle").field("id", &self.id).finish_non_exhaustive()
    }
}

impl PartialEq for ConnectionHandle {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for ConnectionHandle {}

impl fmt::Debug for ConnectionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionHandle").field("id", &self.id).finish_non_exhaustive()
    }
}
