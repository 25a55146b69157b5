//! What hooks may take and return, and what may stand beside them.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use std::marker::PhantomData;

/// With everything.
pub struct Chat {
    connection: Connection<String>,
    room: String,
}

/// Above the `impl`.
#[websocket("/rooms/{room}/chat")]
#[allow(clippy::unused_async)]
impl Chat {
    /// A constant of its own.
    pub const LIMIT: usize = 3;

    async fn open(
        room: String,
        connection: Connection<String>,
        user: Option<Query<u8>>,
    ) -> actix_web::Result<Self> {
        drop(user);
        Ok(Self { connection, room })
    }

    async fn message(self: &mut Self, message: String) -> Result<(), SocketError> {
        if message.len() > Self::LIMIT {
            return self.close_politely().await;
        }
        self.connection.send(&self.greet(&message)).await
    }

    async fn close(mut self, reason: CloseReason) -> () {
        self.room.clear();
        drop(reason);
    }

    /// Called almost like a hook, but it is private and used.
    async fn drain(&self) {}

    async fn close_politely(&self) -> Result<(), SocketError> {
        self.drain().await;
        Ok(())
    }

    fn greet<T: std::fmt::Display>(&self, name: T) -> String {
        format!("{} {name}", self.room)
    }
}

mod state {
    /// Elsewhere.
    pub(crate) struct Of<T>(pub(crate) T);
}

/// `Self` wherever it makes sense, a type of a path, `open` without `Result`.
#[websocket("/of")]
impl state::Of<u8> {
    async fn open() -> Self {
        Self(0)
    }

    async fn message(&mut self, message: (u8, std::marker::PhantomData<Self>)) {
        self.0 = message.0;
    }
}

struct Conditional;

#[websocket("/conditional")]
impl Conditional {
    async fn open() -> Conditional {
        Conditional
    }

    #[cfg(all())]
    async fn message(&mut self, _message: u8) {}

    #[cfg(any())]
    async fn message(&mut self, _message: Nothing) {}
}

#[websocket("/absent")]
#[cfg(any())]
impl Absent {
    async fn open(nothing: OfThis) -> Exists {}

    async fn message(&mut self, message: Nothing) {}
}

fn main() {
    assert_eq!(Chat::path("lobby"), "/rooms/lobby/chat");
    assert_eq!((<state::Of<u8>>::ROUTE, Conditional::ROUTE), ("/of", "/conditional"));
    let _ = PhantomData::<Chat>;
}
