//! A `cfg` above a hook decides whether it is there, and which of two it is.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

struct Without;

#[websocket("/without")]
impl Without {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}

    #[cfg(any())]
    async fn refresh(&mut self) -> Nothing {}

    #[cfg(any())]
    async fn close(&mut self) -> Nothing {}
}

struct With {
    closed: bool,
}

#[websocket("/{room}/with", crate = ereo_runtime)]
#[allow(clippy::unused_async)]
impl With {
    #[cfg(not(all()))]
    async fn open(nothing: OfThis) -> Exists {}

    /// The one that is there.
    #[cfg(all())]
    async fn open(room: String, _last: LastEventId) -> actix_web::Result<Self> {
        Ok(Self { closed: room.is_empty() })
    }

    #[cfg(any())]
    async fn message(&mut self, _message: Nothing) {}

    #[cfg_attr(all(), cfg(all()), allow(clippy::needless_pass_by_ref_mut))]
    async fn message(&mut self, _message: u8) -> Result<(), SocketError> {
        self.helper()
    }

    #[cfg_attr(all(), cfg(all()))]
    async fn refresh(&mut self) -> Option<Expiry> {
        None
    }

    #[cfg(all())]
    #[cfg(not(any()))]
    async fn close(mut self, _reason: CloseReason) {
        self.closed = true;
        drop(self);
    }

    #[cfg(all())]
    fn helper(&self) -> Result<(), SocketError> {
        Ok(())
    }

    #[cfg(any())]
    fn helper(&self) -> Nothing {}
}

fn main() {
    assert_eq!((Without::ROUTE, With::path("a b")), ("/without", "/a%20b/with".to_owned()));
}
