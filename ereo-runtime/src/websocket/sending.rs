//! What [`Connection::send`](super::Connection::send) waits for.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::task::waker;

use super::close::CloseReason;
use super::error::SocketError;
use super::link::Link;
use super::mailbox::Room;
use crate::broadcast::PushError;
use crate::message::EncodeError;
use crate::wire::Encoded;

/// One message on its way into its connection's mailbox: nothing of it is sent before it is awaited.
///
/// A named type of neither the message nor a bound: an `async fn` would say thrice that a type is no
/// [`Message`](crate::Message).
#[must_use = "nothing is sent before it is awaited"]
pub struct Sending {
    link: Link,
    /// The message as it was when `send` was called. `None` once the future is ready.
    frame: Option<Result<Encoded, EncodeError>>,
    room: Room,
}

impl Sending {
    pub(super) fn new(link: &Link, frame: Result<Encoded, EncodeError>) -> Self {
        Self { link: link.clone(), frame: Some(frame), room: Room::default() }
    }

    fn refused(&self, _: PushError) -> SocketError {
        // Another thread may have closed it just now.
        self.link.obey(&mut Context::from_waker(&waker(self.link.outbox().waker())));
        // Waiting, a mailbox refuses only when it is closed; and what closed it is the reason.
        SocketError::Closed(self.link.reason().unwrap_or(CloseReason::Vanished))
    }
}

impl Future for Sending {
    type Output = Result<(), SocketError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let pushed = match &this.frame {
            Some(Ok(frame)) => {
                let link = &this.link;
                ready!(link.outbox().poll_push(frame, || link.fence(), &mut this.room, cx))
            }
            Some(Err(_)) | None => Ok(()),
        };
        let encoded = this.frame.take().transpose();
        Poll::Ready(match pushed {
            Ok(()) => encoded.map(drop).map_err(Into::into),
            Err(error) => Err(this.refused(error)),
        })
    }
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("to", &self.link.id()).finish_non_exhaustive()
    }
}
