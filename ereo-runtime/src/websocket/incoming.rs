//! What the peer sends, as it comes: through actix, or from the socket once that was taken over.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::dev::Payload;
use bytes::Bytes;
use futures_util::Stream as _;

use crate::server::{Outlet, Socket};

/// From so many unread bytes on actix reads no further, and may hold some that it has not passed on
/// (`MAX_BUFFER_SIZE` in actix-http's `h1/payload.rs`).
const ACTIX_PAUSES: usize = 32_768;

/// Bytes that are read from a socket at once.
const READ: usize = 16 << 10;

/// The incoming bytes of one connection; the driver reads them, the body moves them to the socket.
#[derive(Clone)]
pub(super) struct Incoming(Rc<RefCell<Source>>);

enum Source {
    Actix {
        /// Taken out of the payload already, and to be read first.
        early: VecDeque<Bytes>,
        payload: Payload,
    },
    Socket {
        early: VecDeque<Bytes>,
        outlet: Arc<Outlet>,
    },
    /// Nobody reads any more.
    Closed,
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").finish_non_exhaustive()
    }
}

impl Incoming {
    pub(super) fn new(payload: Payload) -> Self {
        Self(Rc::new(RefCell::new(Source::Actix { early: VecDeque::new(), payload })))
    }

    /// The next bytes; `None` when the peer is gone.
    pub(super) fn poll_chunk(&self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match &mut *self.0.borrow_mut() {
            Source::Actix { early, .. } | Source::Socket { early, .. } if !early.is_empty() => {
                Poll::Ready(early.pop_front())
            }
            Source::Actix { payload, .. } => {
                Pin::new(payload).poll_next(cx).map(|chunk| chunk.and_then(Result::ok))
            }
            Source::Socket { outlet, .. } => poll_read(outlet.socket(), cx),
            Source::Closed => Poll::Ready(None),
        }
    }

    /// Ready when the peer has reset the connection, although nothing is read from it. Through actix
    /// it is the body that notices.
    pub(super) fn poll_reset(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &*self.0.borrow() {
            Source::Socket { outlet, .. } => outlet.socket().poll_reset(cx),
            Source::Actix { .. } | Source::Closed => Poll::Pending,
        }
    }

    /// Nothing is read any more.
    pub(super) fn close(&self) {
        let closed = self.0.replace(Source::Closed);
        drop(closed);
    }

    /// Goes on with the socket behind what actix has passed on. False, and all is as it was, if actix
    /// holds more than that, or the peer is gone.
    ///
    /// To be called from the response body: in the same turn the dispatcher has passed on all that it
    /// had read, unless too much of it was unread.
    pub(super) fn move_to(&self, outlet: &Arc<Outlet>, cx: &mut Context<'_>) -> bool {
        let source = &mut *self.0.borrow_mut();
        let Source::Actix { early, payload } = source else { return false };
        let before = early.len();
        loop {
            match Pin::new(&mut *payload).poll_next(cx) {
                Poll::Ready(Some(Ok(chunk))) => early.push_back(chunk),
                Poll::Ready(_) => return false,
                Poll::Pending => break,
            }
        }
        if early.iter().skip(before).map(Bytes::len).sum::<usize>() >= ACTIX_PAUSES {
            return false;
        }
        let early = std::mem::take(early);
        *source = Source::Socket { early, outlet: Arc::clone(outlet) };
        true
    }
}

fn poll_read(socket: &Socket, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
    loop {
        if ready!(socket.poll_readable(cx)).is_err() {
            return Poll::Ready(None);
        }
        // An idle connection has no buffer.
        let mut buffer = Vec::with_capacity(READ);
        match socket.read_into(&mut buffer) {
            Ok(0) => return Poll::Ready(None),
            Ok(_) => return Poll::Ready(Some(buffer.into())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return Poll::Ready(None),
        }
    }
}
