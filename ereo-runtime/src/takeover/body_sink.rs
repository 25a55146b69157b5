//! The slot in which a relay leaves a load for a response body that actix polls.

use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::time::Instant;

use super::dispatch::piece;
use super::relayed::{Relayed, Tally};
use crate::fanout::{Leases, Load, Sent, Sink};
use crate::sync::{Mutex, lock};
use crate::wakers::WakerSlot;

/// Holds one load, and no other until the body has handed that out.
#[derive(Debug)]
pub(super) struct BodySink {
    leases: Leases,
    relayed: Relayed,
    since: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    load: Option<Bytes>,
    /// How much of the load is handed out at once.
    piece: u32,
    /// The body's, while it waits.
    waker: WakerSlot,
}

impl BodySink {
    pub(super) fn new() -> Self {
        let (leases, relayed) = (Leases::new(), Relayed::new());
        Self { leases, relayed, since: Instant::now(), state: Mutex::default() }
    }

    /// Counts of what relays have sent since the last call.
    pub(super) fn tally(&self) -> Option<Tally> {
        self.relayed.take(self.since)
    }

    /// The load, or a piece of it; the task that asks is woken when there is one.
    pub(super) fn poll_load(&self, cx: &Context<'_>) -> Poll<Bytes> {
        let mut state = lock(&self.state);
        let piece = state.piece as usize;
        match &mut state.load {
            Some(bytes) if bytes.len() > piece => return Poll::Ready(bytes.split_to(piece)),
            some => {
                if let Some(bytes) = some.take() {
                    return Poll::Ready(bytes);
                }
            }
        }
        state.waker.set(cx.waker());
        Poll::Pending
    }
}

impl Sink for BodySink {
    fn leases(&self) -> &Leases {
        &self.leases
    }

    fn send(&self, load: &Load<'_>) -> Sent {
        let mut state = lock(&self.state);
        if state.load.is_some() {
            return Sent::Busy;
        }
        state.load = Some(load.bytes.clone());
        state.piece = piece(load.bytes.len(), load.messages);
        let wake = state.waker.take();
        drop(state);
        Sent::All { wake, uncounted: self.relayed.add(load, self.since) }
    }

    fn set_waker(&self, writer: &Waker) {
        lock(&self.state).waker.set(writer);
    }

    fn take_waker(&self) -> Option<Waker> {
        lock(&self.state).waker.take()
    }

    #[cfg(feature = "inspector")]
    fn uncounted(&self) -> (u64, u64) {
        self.relayed.uncounted()
    }

    fn is_polled_by_actix(&self) -> bool {
        true
    }
}
