//! Where what one connection is sent goes, and who may write to it: the socket of one that has left
//! actix, or what the body hands out that actix polls.
//!
//! A connection's own writer, a [`Writer`](super::writer::Writer) or a
//! [`Dispatch`](super::dispatch::Dispatch), writes whatever its [`Sending`](super::Sending) gives it. While it has nothing to write, others on its thread may write for it: a set's relay sends
//! one message to a thousand sockets without waking a thousand tasks. That right is given for one
//! *turn* only. A turn begins whenever the writer looks, and whenever something comes that must not be
//! overtaken, from whichever thread; what was armed in an earlier one is void.

use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::dispatch::piece;
use super::slot::{Full, Slot};
use super::socket::Socket;
use crate::fanout::{Turn, Turns};

/// After so many messages the writer is to take down what others have sent: it is woken for it. Each
/// begins somewhere within them, so that not all of a thread's are woken at once.
const TAKE_DOWN: u32 = 1024;

/// See the module. Whoever writes is on the connection's own thread.
#[derive(Debug)]
pub struct Outlet {
    turns: Turns,
    sent: Sent,
    exit: Exit,
}

/// Where it goes.
#[derive(Debug)]
enum Exit {
    Socket(Socket),
    /// Boxed: it is larger than a socket.
    Slot(Box<Slot>),
}

/// What was sent by others than the writer. Written by one thread, the connection's.
#[derive(Debug)]
struct Sent {
    messages: AtomicU32,
    /// How many there are to be until the writer is woken.
    due: AtomicU32,
    bytes: AtomicU64,
    /// When, in nanoseconds since [`Outlet::since`].
    at: AtomicU64,
}

/// What others than the writer have sent since it was last asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    /// When the last of it went out.
    pub(crate) at: Instant,
}

/// What became of what others than the writer wrote.
#[derive(Debug)]
pub(crate) enum Written {
    /// The socket took so many bytes.
    Out(usize),
    /// A body has it, whose task is to be woken where it waits.
    Left(Option<Waker>),
}

impl Outlet {
    pub(super) fn new(socket: Socket) -> Self {
        Self::over(Exit::Socket(socket))
    }

    pub(super) fn of_a_body() -> Self {
        Self::over(Exit::Slot(Box::new(Slot::new())))
    }

    fn over(exit: Exit) -> Self {
        Self {
            turns: Turns::new(),
            sent: Sent {
                messages: AtomicU32::new(0),
                due: AtomicU32::new(rand::random_range(1..=TAKE_DOWN)),
                bytes: AtomicU64::new(0),
                at: AtomicU64::new(0),
            },
            exit,
        }
    }

    /// Whether actix polls the writer.
    pub(crate) fn is_of_a_body(&self) -> bool {
        matches!(self.exit, Exit::Slot(_))
    }

    /// The socket of a connection that has left actix.
    pub(crate) fn socket(&self) -> &Socket {
        match &self.exit {
            Exit::Socket(socket) => socket,
            // Only who was given one that is made of a socket asks.
            Exit::Slot(_) => unreachable!("a body has no socket"),
        }
    }

    /// A moment before anything was sent.
    fn since(&self) -> Instant {
        match &self.exit {
            Exit::Socket(socket) => socket.since(),
            Exit::Slot(slot) => slot.since(),
        }
    }

    /// The writer looks: what it finds nothing behind may be armed.
    pub(super) fn look(&self) {
        self.turns.look();
    }

    /// Something is to be sent before anything else: nobody else may write until the writer has looked.
    /// From any thread.
    pub(crate) fn void(&self) {
        self.turns.void();
    }

    /// The writer's task, which waits for the socket.
    pub(crate) fn attend(&self, task: &Waker) {
        match &self.exit {
            Exit::Socket(socket) => socket.attend(task),
            Exit::Slot(slot) => slot.attend(task),
        }
    }

    /// The writer's task, to be woken where it waits.
    pub(crate) fn take_task(&self) -> Option<Waker> {
        match &self.exit {
            Exit::Socket(socket) => socket.take_task(),
            Exit::Slot(slot) => slot.take_task(),
        }
    }

    /// The turn in which the writer looked last.
    pub(crate) fn turn(&self) -> Turn {
        self.turns.turn()
    }

    /// Whether what was armed in `turn` may write.
    pub(crate) fn may_write(&self, turn: Turn) -> bool {
        self.turns.may_write(turn)
    }

    /// Whether what was armed when the writer looked last may write still.
    pub(super) fn is_armed(&self) -> bool {
        self.may_write(self.turn())
    }

    /// Writes so many messages as others than the writer do. If the socket is full the writer will find it
    /// full as well, and wait.
    ///
    /// # Errors
    /// Those of the socket; `WouldBlock` where a body has not handed out yet what was left before.
    pub(crate) fn write(&self, bytes: &Bytes, messages: u64) -> io::Result<Written> {
        match &self.exit {
            Exit::Socket(socket) => socket.send(bytes).map(Written::Out),
            Exit::Slot(slot) => match slot.put(bytes, piece(bytes.len(), messages)) {
                Ok(task) => Ok(Written::Left(task)),
                Err(Full) => Err(io::ErrorKind::WouldBlock.into()),
            },
        }
    }

    /// What others have left for a body, before anything else; the task that asks is woken for it.
    pub(super) fn poll_left(&self, cx: &Context<'_>) -> Poll<Bytes> {
        match &self.exit {
            Exit::Socket(_) => Poll::Pending,
            Exit::Slot(slot) => slot.poll_left(cx),
        }
    }

    /// Counts what was written for the writer; whether it is time that the writer took it down.
    pub(crate) fn count(&self, messages: u64, bytes: u64, now: Instant) -> bool {
        // One thread writes: no need for more than loads and stores.
        let Sent { messages: all, due, bytes: size, at } = &self.sent;
        size.store(size.load(Ordering::Relaxed) + bytes, Ordering::Relaxed);
        let nanos = now.saturating_duration_since(self.since()).as_nanos();
        // Nanoseconds of five hundred years.
        at.store(u64::try_from(nanos).unwrap_or(u64::MAX), Ordering::Relaxed);
        // One that is woken has its turn long before these are too many to count.
        let messages = u64::from(all.load(Ordering::Relaxed)) + messages;
        let messages = u32::try_from(messages).unwrap_or(u32::MAX);
        all.store(messages, Ordering::Relaxed);
        messages >= due.load(Ordering::Relaxed)
    }

    /// What was written for the writer since this was last asked.
    pub(crate) fn tally(&self) -> Option<Tally> {
        let messages = self.sent.messages.load(Ordering::Relaxed);
        if messages == 0 {
            return None;
        }
        self.sent.messages.store(0, Ordering::Relaxed);
        self.sent.due.store(TAKE_DOWN, Ordering::Relaxed);
        let bytes = self.sent.bytes.swap(0, Ordering::Relaxed);
        let at = Duration::from_nanos(self.sent.at.load(Ordering::Relaxed));
        Some(Tally { messages: messages.into(), bytes, at: self.since() + at })
    }

    /// The socket took only a part: the writer writes the rest, when it is woken, before anything else.
    pub(crate) fn leave(&self, rest: Bytes) {
        self.void();
        self.socket().leave(rest);
    }

    pub(super) fn take_left(&self) -> Option<Bytes> {
        self.socket().take_left()
    }
}
