//! The peer's bytes as they come: through actix, or from the socket once that was taken over.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::dev::Payload;
use bytes::Bytes;
use futures_util::Stream as _;

use crate::takeover::{Socket, SocketSink};

/// From so many unread bytes on actix reads no further, and may hold some that it has not passed on
/// (`MAX_BUFFER_SIZE` in actix-http's `h1/payload.rs`).
const ACTIX_PAUSES: usize = 32_768;

/// Bytes that are read from a socket at once.
const READ: usize = 16 << 10;

/// The incoming bytes of one connection; the driver reads them, the body moves them to the socket.
pub(super) struct Incoming(Cell<Source>);

#[derive(Default)]
enum Source {
    Actix(Box<Payload>),
    Socket(Arc<SocketSink>),
    Early(Box<Early>),
    /// Nobody reads yet, or any more.
    #[default]
    Closed,
}

/// What was taken already, and is to be read first.
struct Early {
    /// Of a chunk that was read before there was no more room for messages.
    rest: Bytes,
    /// Of the payload.
    chunks: VecDeque<Bytes>,
    then: Source,
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").finish_non_exhaustive()
    }
}

impl Incoming {
    /// Nothing comes before [`Incoming::begin`].
    pub(super) const fn new() -> Self {
        Self(Cell::new(Source::Closed))
    }

    pub(super) fn begin(&self, payload: Payload) {
        self.0.set(Source::Actix(Box::new(payload)));
    }

    fn with<R>(&self, change: impl FnOnce(&mut Source) -> R) -> R {
        let mut source = self.0.take();
        let result = change(&mut source);
        self.0.set(source);
        result
    }

    /// The next bytes; `None` when the peer is gone.
    pub(super) fn poll_chunk(&self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.with(|source| source.poll_chunk(cx))
    }

    /// Keeps what was not read of a chunk until [`Incoming::take_back`].
    pub(super) fn give_back(&self, rest: Bytes) {
        if !rest.is_empty() {
            let mut early = self.0.take().into_early();
            early.rest = rest;
            self.0.set(Source::Early(early));
        }
    }

    /// What was given back: it goes before the next chunk. Empty if nothing was.
    pub(super) fn take_back(&self) -> Bytes {
        self.with(|source| match source {
            Source::Early(early) => std::mem::take(&mut early.rest),
            Source::Actix(_) | Source::Socket(_) | Source::Closed => Bytes::new(),
        })
    }

    /// Ready when the peer has reset the connection, although nothing is read from it. Through actix
    /// it is the body that notices.
    pub(super) fn poll_reset(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.with(|source| match source.last() {
            Source::Socket(sink) => sink.socket().poll_reset(cx),
            Source::Actix(_) | Source::Early(_) | Source::Closed => Poll::Pending,
        })
    }

    /// Nothing is read any more.
    pub(super) fn close(&self) {
        self.0.set(Source::Closed);
    }

    /// Goes on with the socket behind what actix has passed on. False, and all is as it was, if actix
    /// holds more than that, or the peer is gone.
    ///
    /// To be called from the response body: in the same turn the dispatcher has passed on all that it
    /// had read, unless too much of it was unread.
    pub(super) fn move_to(&self, sink: &Arc<SocketSink>, cx: &mut Context<'_>) -> bool {
        self.with(|source| source.move_to(sink, cx))
    }
}

impl Source {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Self::Early(early) = self {
            match early.chunks.pop_front() {
                Some(chunk) => return Poll::Ready(Some(chunk)),
                None => *self = std::mem::take(&mut early.then),
            }
        }
        match self {
            Self::Actix(payload) => {
                Pin::new(&mut **payload).poll_next(cx).map(|chunk| chunk.and_then(Result::ok))
            }
            Self::Socket(sink) => poll_read(sink.socket(), cx),
            // Behind what came early stands nothing of that kind.
            Self::Early(_) | Self::Closed => Poll::Ready(None),
        }
    }

    fn move_to(&mut self, sink: &Arc<SocketSink>, cx: &mut Context<'_>) -> bool {
        let Self::Actix(payload) = self.last() else { return false };
        let mut chunks = VecDeque::new();
        let waits = loop {
            match Pin::new(&mut **payload).poll_next(cx) {
                Poll::Ready(Some(Ok(chunk))) => chunks.push_back(chunk),
                Poll::Ready(_) => break false,
                Poll::Pending => break true,
            }
        };
        let moves = waits && chunks.iter().map(Bytes::len).sum::<usize>() < ACTIX_PAUSES;
        if moves {
            *self.last() = Self::Socket(Arc::clone(sink));
        }
        if !chunks.is_empty() {
            let mut early = std::mem::take(self).into_early();
            early.chunks.append(&mut chunks);
            *self = Self::Early(early);
        }
        moves
    }

    /// With what came early, though that may be nothing.
    fn into_early(self) -> Box<Early> {
        match self {
            Self::Early(early) => early,
            then => Box::new(Early { rest: Bytes::new(), chunks: VecDeque::new(), then }),
        }
    }

    /// Where bytes come from behind what came early.
    fn last(&mut self) -> &mut Self {
        match self {
            Self::Early(early) => &mut early.then,
            last => last,
        }
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
