//! The socket of one connection that has left actix.

use std::future::Future as _;
use std::io::{self, IoSlice, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use rustix::buffer::spare_capacity;
use socket2::SockRef;
use tokio::task::coop::consume_budget;
use tokio::time::Instant;

use crate::worker::{PolledSocket, Poller};

/// Non-blocking, and used by its own thread alone. One task waits to read and to write.
#[derive(Debug)]
pub(crate) struct Socket(PolledSocket);

impl Socket {
    /// # Errors
    /// An error of the kernel, where it does not watch the socket.
    pub(super) fn new(stream: TcpStream, poller: Arc<Poller>) -> io::Result<Self> {
        PolledSocket::new(poller, stream).map(Self)
    }

    /// A moment before it was made, the same for all sockets of the thread.
    pub(super) fn since(&self) -> Instant {
        self.0.since()
    }

    fn stream(&self) -> &TcpStream {
        self.0.socket()
    }

    /// Ready when a read is worth it, but not for ever: others of the thread have their turn too.
    pub(crate) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.0.poll_readable(cx))?;
        pin!(consume_budget()).poll(cx).map(Ok)
    }

    pub(super) fn poll_writable(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_writable(cx)
    }

    /// Ready when the peer has reset the connection, where nothing is read from it.
    pub(crate) fn poll_reset(&self, cx: &Context<'_>) -> Poll<()> {
        self.0.poll_reset(cx)
    }

    /// Names the task that waits, though it may be for nothing of the socket's.
    pub(super) fn set_waker(&self, task: &Waker) {
        self.0.set_waker(task);
    }

    /// The task that waits: it says again what for.
    pub(super) fn take_waker(&self) -> Option<Waker> {
        self.0.take_waker()
    }

    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len();
        self.reading(room, self.stream().read(buffer))
    }

    /// Reads into what room there is behind what is in `buffer`.
    pub(crate) fn read_into(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let room = buffer.capacity() - buffer.len();
        let result = rustix::io::read(self.stream(), spare_capacity(buffer));
        self.reading(room, result.map_err(Into::into))
    }

    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.writing(self.stream().write(bytes))
    }

    pub(super) fn write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.writing(self.stream().write_vectored(slices))
    }

    /// Writes without a word to who watches: one piece of cold memory less. If the socket is full, the
    /// next [`write`](Socket::write) finds it full as well.
    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        SockRef::from(self.stream()).send(bytes)
    }

    /// Keeps what was not taken of a write until [`take_rest`](Socket::take_rest).
    pub(super) fn keep_rest(&self, rest: Bytes) {
        self.0.keep_rest(rest);
    }

    pub(super) fn take_rest(&self) -> Option<Bytes> {
        self.0.take_rest()
    }

    /// Nothing more is written.
    pub(super) fn shut_down(&self) -> io::Result<()> {
        self.stream().shutdown(Shutdown::Write)
    }

    /// Less than there was room for is all there was (epoll(7), question 9).
    fn reading(&self, room: usize, result: io::Result<usize>) -> io::Result<usize> {
        if would_block(&result) || result.as_ref().is_ok_and(|read| (1..room).contains(read)) {
            self.0.is_read();
        }
        result
    }

    fn writing(&self, result: io::Result<usize>) -> io::Result<usize> {
        if would_block(&result) {
            self.0.is_full();
        }
        result
    }
}

fn would_block(result: &io::Result<usize>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}
