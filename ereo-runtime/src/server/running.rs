//! A server that has been told to serve.

use std::fmt::{self, Debug};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::dev::{Server, ServerHandle};

use crate::refused_start;

/// A server that serves as long as this is awaited, and until it has drained.
///
/// It ends with the error of a server that could not be started; `InvalidInput` for one that was bound before
/// `.realtime(..)`, and both places where a route is served twice ([`Routes`](crate::Routes)).
#[must_use = "a server does nothing unless it is awaited"]
pub struct Running {
    server: Server,
    refused: Option<io::Error>,
}

impl Running {
    /// One that ends with `refused`, if that is anything, before it begins.
    pub(super) fn new(server: Server, refused: Option<io::Error>) -> Self {
        Self { server, refused }
    }

    /// Commands for the server, as those of actix's. To stop it with a drain there is
    /// [`DrainHandle::begin`](super::DrainHandle::begin).
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }
}

impl Future for Running {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match this.refused.take() {
            Some(error) => Poll::Ready(Err(error)),
            None => {
                Pin::new(&mut this.server).poll(cx).map_err(|error| match refused_start::take() {
                    Some(reason) => io::Error::new(error.kind(), reason),
                    None => error,
                })
            }
        }
    }
}

impl Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}
