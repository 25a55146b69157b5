//! Writes one connection's stream to its socket.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use smallvec::SmallVec;

use super::{Sending, SocketSink};
use crate::fanout::Sink as _;

/// So many pieces go out in one write at most.
const PIECES: usize = 16;

/// So many writes in one turn, then the other connections of the thread have theirs.
const WRITES: usize = 8;

/// Ends with its stream, or with the connection.
pub(crate) struct Writer<S: Sending> {
    sending: S,
    sink: Arc<SocketSink>,
    /// Bytes that the socket did not take yet, if any.
    left: Option<Box<Left>>,
    ended: bool,
    /// Bytes that a client said where it has nothing to say.
    unasked: u32,
}

/// The stream is not asked for more until this is gone, so it holds no more than one write.
#[derive(Default)]
struct Left(VecDeque<Bytes>);

/// What is to be written at once.
type Batch = SmallVec<[Bytes; PIECES]>;

impl<S: Sending> Writer<S> {
    pub(super) fn new(sending: S, sink: Arc<SocketSink>) -> Self {
        Self { sending, sink, left: None, ended: false, unasked: 0 }
    }

    pub(crate) fn sending(&self) -> &S {
        &self.sending
    }

    /// Takes what the stream has. Whether it waits for more, so that its next piece wakes this task.
    fn gather(&mut self, batch: &mut Batch, cx: &mut Context<'_>) -> bool {
        while batch.len() < PIECES {
            match self.sending.poll_wire(cx) {
                Poll::Ready(Some(piece)) => batch.push(piece),
                Poll::Ready(None) => {
                    self.ended = true;
                    if !S::UPGRADES {
                        batch.push(Bytes::from_static(LAST_CHUNK));
                    }
                    return false;
                }
                Poll::Pending => return true,
            }
        }
        false
    }

    /// Writes what the socket takes and keeps the rest.
    fn write(&mut self, batch: Batch) -> io::Result<()> {
        let mut written = match batch.as_slice() {
            [piece] => taken(self.sink.socket().write(piece))?,
            pieces => {
                let slices: SmallVec<[_; PIECES]> =
                    pieces.iter().map(|piece| IoSlice::new(piece)).collect();
                taken(self.sink.socket().write_vectored(&slices))?
            }
        };
        for piece in batch {
            let done = piece.len().min(written);
            written -= done;
            if done < piece.len() {
                self.left.get_or_insert_default().0.push_back(piece.slice(done..));
            }
        }
        Ok(())
    }

    fn poll_left(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(left) = &mut self.left else { return Poll::Ready(Ok(())) };
        while let Some(piece) = left.0.front_mut() {
            let written = taken(self.sink.socket().write(piece))?;
            piece.advance(written);
            if piece.is_empty() {
                left.0.pop_front();
            } else if written == 0 {
                ready!(self.sink.socket().poll_writable(cx))?;
            }
        }
        // Idle connections hold nothing.
        self.left = None;
        Poll::Ready(Ok(()))
    }

    /// Ready when the client has left, or does not keep still. Where the connection was upgraded, it
    /// is not for the writer to read.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if S::UPGRADES {
            return Poll::Pending;
        }
        loop {
            ready!(self.sink.socket().poll_readable(cx))?;
            match self.sink.socket().read(&mut [0; 512]) {
                Ok(0) => return Poll::Ready(Ok(())),
                // No more than fit into the buffer.
                Ok(read) => self.unasked += read as u32,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
            if self.unasked > UNASKED {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn take_down(&mut self) {
        if let Some(tally) = self.sink.tally() {
            self.sending.take_down(tally);
        }
    }

    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.take_down();
        if self.poll_gone(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        if let Some(left) = self.sink.take_rest() {
            self.left.get_or_insert_default().0.push_front(left);
        }
        for _ in 0..WRITES {
            ready!(self.poll_left(cx))?;
            if self.ended {
                self.sink.socket().shut_down()?;
                return Poll::Ready(Ok(()));
            }
            self.sink.leases().renew();
            let mut batch = Batch::new();
            let waits = self.gather(&mut batch, cx);
            if !batch.is_empty() {
                self.write(batch)?;
                if self.left.is_some() {
                    self.sink.leases().revoke();
                }
            }
            if waits && self.left.is_none() {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Behind the last event (RFC 9112 section 7.1).
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// A client that says more than this on an event stream, behind which nothing is answered, is cut.
const UNASKED: u32 = 64 << 10;

/// Bytes that were written: none if the socket is full.
fn taken(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        result => result,
    }
}

impl<S: Sending> Future for Writer<S> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // An error means that the client is gone; that its stream is dropped tells whom it concerns.
        self.get_mut().poll_all(cx).map(drop)
    }
}

impl<S: Sending> Drop for Writer<S> {
    fn drop(&mut self) {
        self.take_down();
    }
}
