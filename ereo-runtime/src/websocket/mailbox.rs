//! The mailbox of one connection, for what is sent to it alone: bounded, and open to every thread.
//!
//! The lock is held for a few instructions and never while foreign code runs (sources, wakers,
//! drops of their payloads).

pub(crate) mod state;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use futures_util::task::{ArcWake, waker_ref};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use state::{Called, End, KEPT, MAX_CONTROL_FRAMES, State};

use super::source::Fence;
use crate::broadcast::{DirectQueue, PushError, SeatKey};
use crate::ending::Ending;
use crate::fanout::Sink;
use crate::sync::{Mutex, MutexGuard, lock};
use crate::wire::Encoded;
use crate::worker::WakeToken;

pub(super) use state::{Entry, Next, Order};

/// How much may wait in a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxLimits {
    /// Frames that may wait, 65 535 at most.
    pub frames: usize,
    /// Bytes that may wait, 4 GiB at most; one frame may be larger than that while nothing else waits.
    pub bytes: usize,
}

impl Default for MailboxLimits {
    fn default() -> Self {
        Self { frames: 64, bytes: 256 << 10 }
    }
}

/// A handle on one connection's mailbox; `Send`, cheap to clone, and no hindrance to its end.
#[derive(Debug, Clone)]
pub struct Outbox(Arc<Shared>);

/// A wait for room in a mailbox; on the heap, as a mailbox is seldom full.
#[derive(Default)]
pub(super) struct Room(Option<Pin<Box<OwnedNotified>>>);

/// What other threads reach of a connection. It is the waker of the connection's task as well: every
/// connection has both.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    task: WakeToken,
}

#[cfg(test)]
pub(super) fn on_the_heap() -> usize {
    size_of::<Shared>()
}

impl Outbox {
    /// `task` calls the connection's.
    pub(super) fn new(limits: MailboxLimits, task: WakeToken) -> Self {
        Self(Arc::new(Shared { state: Mutex::new(State::new(limits)), task }))
    }

    /// The mailbox as sets know it.
    pub(super) fn for_sets(&self) -> Arc<dyn DirectQueue> {
        Arc::clone(&self.0) as _
    }

    /// What wakes the connection's task.
    pub(super) fn waker(&self) -> Arc<Shared> {
        Arc::clone(&self.0)
    }

    /// Whether that is `waker`.
    pub(super) fn is_task(&self, waker: &Waker) -> bool {
        // Not `will_wake`: its table may be in several places of the program.
        waker_ref(&self.0).data() == waker.data()
    }

    /// The connection's task is to look at everything.
    pub(super) fn call_task(&self) {
        self.0.task.call();
    }

    /// From now on others may write to `sink` while nothing waits here.
    pub(super) fn relay_into(&self, sink: &Arc<dyn Sink>) {
        // There was none: a connection is taken over once.
        self.0.lock().sink = Some(Arc::clone(sink));
    }

    pub(super) fn sink(&self) -> Option<Arc<dyn Sink>> {
        self.0.lock().sink.clone()
    }

    /// Queues an encoded frame from any thread, behind `fence`, and wakes the connection.
    ///
    /// # Errors
    /// [`PushError`] if there is no room or no connection; never waits.
    pub fn try_push(&self, frame: impl Into<Encoded>, fence: Fence) -> Result<(), PushError> {
        self.0.offer(&frame.into(), || fence)
    }

    /// Whether the connection takes frames no more.
    pub fn is_closed(&self) -> bool {
        self.0.lock().end != End::Open
    }

    /// Queues as soon as there is room, which `room` waits for from one call to the next. The fence is made only
    /// then, so that it covers what was broadcast while waiting.
    pub(super) fn poll_push(
        &self,
        frame: &Encoded,
        fence: impl Fn() -> Fence,
        room: &mut Room,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), PushError>> {
        loop {
            if let Some(notified) = &mut room.0 {
                ready!(notified.as_mut().poll(cx));
                room.0 = None;
            }
            // The common case, without a look at who else waits.
            match self.0.offer(frame, &fence) {
                Err(PushError::Full) => {}
                done => return Poll::Ready(done),
            }
            let notify = Arc::clone(
                self.0.lock().beside.get_or_insert_default().room.get_or_insert_default(),
            );
            // Made before the second look: it hears of any room from here on.
            room.0 = Some(Box::pin(notify.notified_owned()));
            match self.0.offer(frame, &fence) {
                Err(PushError::Full) => {}
                done => return Poll::Ready(done),
            }
        }
    }

    /// Queues a ping or pong, which goes before the queue.
    pub(super) fn push_control(&self, frame: Bytes) {
        let mut state = self.0.lock();
        if state.end != End::Open {
            return;
        }
        let control = &mut state.waiting.get_or_insert_default().control;
        let oldest = (control.len() == MAX_CONTROL_FRAMES).then(|| control.pop_front());
        control.push_back(frame);
        let writer = state.called();
        drop(state);
        drop(oldest);
        self.0.wake_writer(writer);
    }

    /// Queues one of the last frames of a connection that is told to end, whatever waits.
    pub(super) fn push_last(&self, frame: Encoded) {
        let mut state = self.0.lock();
        if state.end == End::Told {
            let writer = state.push(Entry { frame, fence: Fence::NONE });
            drop(state);
            self.0.wake_writer(writer);
        }
    }

    /// Queues the close frame, whatever waits, and takes nothing after it.
    pub(super) fn seal(&self, close: Bytes, fence: Fence) {
        let mut state = self.0.lock();
        if !matches!(state.end, End::Open | End::Told) {
            return;
        }
        state.end = End::Sealed;
        let writer = state.push(Entry { frame: close.into(), fence });
        let room = state.room();
        drop(state);
        self.0.wake_writer(writer);
        notify_all(room);
    }

    /// The body is to end behind what waits.
    pub(super) fn finish(&self) {
        let mut state = self.0.lock();
        state.end = End::Finished;
        let (writer, room) = (state.called(), state.room());
        drop(state);
        self.0.wake_writer(writer);
        notify_all(room);
    }

    /// The connection is gone: nobody writes any more, and whoever holds this keeps its socket no longer.
    pub(super) fn let_go(&self) {
        let mut state = self.0.lock();
        let (sink, waiting) = (state.sink.take(), state.waiting.take());
        drop(state);
        drop((sink, waiting));
    }

    /// Throws away what waits: the peer does not read.
    pub(super) fn clear(&self) {
        let mut state = self.0.lock();
        let waiting = state.waiting.take();
        drop(state);
        drop(waiting);
    }

    /// The writer will look at once, and need not be woken for it. Whether the connection is told to end.
    pub(super) fn attend(&self) -> bool {
        let mut state = self.0.lock();
        state.waits = false;
        state.end == End::Told
    }

    /// Whether the connection is told to end.
    pub(super) fn is_told(&self) -> bool {
        self.0.lock().end == End::Told
    }

    /// Takes what the connection was told, if it was.
    pub(super) fn take_order(&self) -> Option<Order> {
        self.0.lock().beside.as_mut()?.order.take()
    }

    /// What the writer sends next; where there is nothing, it is woken for what comes.
    pub(super) fn next(&self) -> Next {
        let mut state = self.0.lock();
        if let Some(waiting) = &mut state.waiting {
            if let Some(frame) = waiting.control.pop_front() {
                return Next::Control(frame);
            }
            if let Some(entry) = waiting.queue.pop_front() {
                waiting.bytes -= entry.frame.len();
                let room = state.room();
                drop(state);
                notify_all(room);
                return Next::Entry(entry);
            }
        }
        let next = match state.end {
            End::Open => Next::Idle,
            End::Told => return Next::Told,
            End::Sealed => Next::Sealed,
            End::Finished => return Next::Finished,
        };
        // A connection that was busy and is idle now gives its memory back. One that is pinged is idle.
        state
            .waiting
            .take_if(|waiting| waiting.queue.capacity() > KEPT || waiting.control.capacity() > 0);
        state.waits = true;
        next
    }

    /// Wakes the writer, for instance to look at a new source.
    pub(super) fn wake(&self) {
        let writer = self.0.lock().called();
        self.0.wake_writer(writer);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn offer(&self, frame: &Encoded, fence: impl FnOnce() -> Fence) -> Result<(), PushError> {
        self.lock().accepts(frame)?;
        // Asks the sources, hence not under the lock. Another thread may take the room meanwhile:
        // then the limit is passed by this one frame.
        let fence = fence();
        let mut state = self.lock();
        if state.end != End::Open {
            return Err(PushError::Closed);
        }
        let writer = state.push(Entry { frame: frame.clone(), fence });
        drop(state);
        self.wake_writer(writer);
        Ok(())
    }

    fn wake_writer(&self, writer: Called) {
        match writer {
            Called::Body(Some(body)) => body.wake(),
            Called::Task => self.task.call(),
            // Awake already.
            Called::Body(None) | Called::Nobody => {}
        }
    }
}

/// What a set sends to this client alone.
impl DirectQueue for Shared {
    fn push_behind(&self, frame: &Encoded, seat: SeatKey, head: u64) -> Result<(), PushError> {
        self.offer(frame, || Fence::at(seat, head))
    }

    fn end(&self, ending: &Ending, behind: Option<(SeatKey, u64)>) -> bool {
        let mut state = self.lock();
        if state.end != End::Open {
            return false;
        }
        state.end = End::Told;
        let order = Order { ending: ending.clone(), behind };
        state.beside.get_or_insert_default().order = Some(order);
        let writer = state.called();
        drop(state);
        self.wake_writer(writer);
        // The writer may wait for a peer that does not read.
        self.task.call();
        true
    }

    fn is_open(&self) -> bool {
        self.lock().end == End::Open
    }
}

impl ArcWake for Shared {
    fn wake_by_ref(shared: &Arc<Self>) {
        shared.task.call();
    }
}

impl AsRef<WakeToken> for Shared {
    fn as_ref(&self) -> &WakeToken {
        &self.task
    }
}

fn notify_all(room: Option<Arc<Notify>>) {
    if let Some(room) = room {
        room.notify_waiters();
    }
}
