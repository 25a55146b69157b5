//! Sockets and their hooks.

use ereo_runtime::prelude::*;

use crate::messages::{Defaults, Tagged};

/// All that a socket may be told.
///
/// # Errors
/// When the connection ends.
#[websocket(
    "/sockets/{room}",
    max_message = "1MiB",
    origins = ["self", "https://*.app.example"],
    protocols = ["v2", "v1"],
    ping = "10s",
    idle = "30s",
    message_timeout = "10s",
    compression = "on",
    compression_threshold = "1KiB",
    group = "strict"
)]
pub async fn socket(room: String, mut socket: Socket<Defaults, Tagged>) -> Result<(), SocketError> {
    drop(room);
    while socket.recv().await?.is_some() {
        socket.send(&Tagged::UserLeft).await?;
    }
    Ok(())
}

/// Only sends.
#[websocket("/sockets/connection")]
pub(crate) async fn connection(connection: Connection<String>) {
    drop(connection);
}

/// Old.
#[deprecated]
#[websocket("/sockets/old")]
pub async fn old(socket: Socket<String, String>) {
    drop(socket);
}

/// With every hook.
#[derive(Debug)]
pub struct Chat {
    /// Where it answers.
    connection: Connection<Tagged>,
}

#[websocket("/sockets/chat/{room}", ping = "off", idle = "off")]
impl Chat {
    /// Opens.
    async fn open(room: String, connection: Connection<Tagged>) -> Result<Self, actix_web::Error> {
        drop(room);
        Ok(Self { connection })
    }

    /// Answers.
    async fn message(&mut self, message: Defaults) -> Result<(), SocketError> {
        drop(message);
        self.connection.send(&Tagged::UserLeft).await
    }

    /// Goes on.
    async fn unreadable(&mut self, message: Unreadable) {
        drop(message);
    }

    /// Renews.
    async fn refresh(&mut self) -> Option<Expiry> {
        None
    }

    /// Ends.
    async fn close(self, reason: CloseReason) {
        drop(reason);
    }
}

/// Old, and its hooks too.
#[deprecated]
#[derive(Debug, Clone, Copy)]
pub struct Old;

#[websocket("/sockets/chat/old")]
#[allow(deprecated, reason = "as hooks are")]
impl Old {
    /// Opens.
    #[deprecated]
    async fn open() -> Self {
        Self
    }

    /// Answers.
    #[deprecated]
    async fn message(&mut self, message: String) {
        drop(message);
    }
}

#[test]
fn all_is_used() {
    assert_eq!(socket::path("a"), "/sockets/a");
    assert_eq!(connection::ROUTE, "/sockets/connection");
    assert_eq!(Chat::path("a"), "/sockets/chat/a");
}
