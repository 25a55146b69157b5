//! The leash, by which one event stream is told to end: made for those that somebody can name.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use super::connection_handle::ConnectionHandle;
use super::mailboxes::{DirectQueue, PushError, SeatKey};
use crate::ending::Ending;
use crate::fanout::Sink;
use crate::sync::{Mutex, lock};
use crate::wakers::{WakerSlot, wake_all};
use crate::wire::{ClientId, Encoded};

/// What other threads reach of an event stream.
pub struct Leash {
    id: ClientId,
    seat: SeatKey,
    /// Whether it is a set's reader, which is told with all others of the set.
    in_set: AtomicBool,
    /// Whether there is an order: readers ask behind each look at the log.
    told: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    end: End,
    /// The reader's, while it waits.
    waker: WakerSlot,
    /// Where relays write in its place.
    sink: Option<Arc<dyn Sink>>,
}

#[derive(Default)]
enum End {
    #[default]
    Open,
    /// With the offset of the first message that it does not get any more, where that was said.
    Told(Box<Ending>, Option<u64>),
    Over,
}

impl Leash {
    pub(crate) fn new() -> Arc<Self> {
        let (id, seat) = (ClientId::next(), SeatKey::next());
        let (in_set, told) = (AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Self { id, seat, in_set, told, state: Mutex::default() })
    }

    pub(super) fn id(&self) -> ClientId {
        self.id
    }

    /// The stream, to hold and close on other threads.
    pub(crate) fn handle(self: &Arc<Self>) -> ConnectionHandle {
        ConnectionHandle::new(self.id, Arc::clone(self) as _)
    }

    /// A set's reader ends by it.
    pub(super) fn is_in_set(&self) {
        self.in_set.store(true, Ordering::Relaxed);
    }

    pub(super) fn seat(&self) -> SeatKey {
        self.seat
    }

    /// Whether it was told to end. Whoever asks behind a look at the log, which a later message was appended
    /// to, sees the order that was given before that message.
    #[inline]
    pub(crate) fn is_told(&self) -> bool {
        self.told.load(Ordering::Acquire)
    }

    /// What it was told, and up to where messages go before it.
    pub(crate) fn told(&self) -> Option<(Ending, Option<u64>)> {
        match &lock(&self.state).end {
            End::Told(ending, until) => Some(((**ending).clone(), *until)),
            End::Open | End::Over => None,
        }
    }

    /// The reader waits, and is woken for an order, unless there is one.
    pub(crate) fn parks(&self, waker: &Waker) -> bool {
        let mut state = lock(&self.state);
        let open = matches!(state.end, End::Open);
        if open {
            state.waker.set(waker);
        }
        open
    }

    /// From now on others may write to `sink` while it has nothing to send.
    pub(crate) fn goes_over(&self, sink: &Arc<dyn Sink>) {
        let replaced = lock(&self.state).sink.replace(Arc::clone(sink));
        drop(replaced);
    }

    /// The stream has ended.
    pub(crate) fn is_over(&self) {
        let mut state = lock(&self.state);
        let gone = std::mem::replace(&mut *state, State { end: End::Over, ..State::default() });
        drop(state);
        drop(gone);
    }
}

impl DirectQueue for Leash {
    /// An event stream is sent nothing but what its set is.
    fn push_behind(&self, _: &Encoded, _: SeatKey, _: u64) -> Result<(), PushError> {
        Err(PushError::Closed)
    }

    fn end(&self, ending: &Ending, behind: Option<(SeatKey, u64)>) -> bool {
        let mut state = lock(&self.state);
        if !matches!(state.end, End::Open) {
            return false;
        }
        state.end = End::Told(Box::new(ending.clone()), behind.map(|(_, head)| head));
        self.told.store(true, Ordering::Release);
        // Behind the order, which the writer finds by that: see `fanout::lease`.
        let (sink, waker) = (state.sink.clone(), state.waker.take());
        drop(state);
        if let Some(sink) = sink {
            sink.leases().revoke();
        }
        wake_all(waker);
        true
    }

    fn is_told_with_all(&self) -> bool {
        self.in_set.load(Ordering::Relaxed)
    }

    fn is_open(&self) -> bool {
        matches!(lock(&self.state).end, End::Open)
    }
}
