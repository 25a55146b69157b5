//! Where others leave what a body that actix polls hands out first.

use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::time::Instant;

use crate::sync::{Mutex, lock};

/// Holds what was left at one time, and no more until that has gone out.
#[derive(Debug)]
pub(super) struct Slot {
    since: Instant,
    state: Mutex<State>,
}

/// What was left before is not handed out yet.
pub(super) struct Full;

#[derive(Debug, Default)]
struct State {
    bytes: Option<Bytes>,
    /// How much of it is handed out at once.
    piece: u32,
    /// The body's.
    task: Option<Waker>,
}

impl Slot {
    pub(super) fn new() -> Self {
        Self { since: Instant::now(), state: Mutex::default() }
    }

    /// When it was made.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// Leaves `bytes` for the body, to be handed out in pieces. The task that waits is to be woken.
    pub(super) fn put(&self, bytes: &Bytes, piece: u32) -> Result<Option<Waker>, Full> {
        let mut state = lock(&self.state);
        if state.bytes.is_some() {
            return Err(Full);
        }
        (state.bytes, state.piece) = (Some(bytes.clone()), piece);
        Ok(state.task.take())
    }

    /// What is left, or a piece of it; the task that asks is woken when there is something.
    pub(super) fn poll_left(&self, cx: &Context<'_>) -> Poll<Bytes> {
        let mut state = lock(&self.state);
        let piece = state.piece as usize;
        match &mut state.bytes {
            Some(bytes) if bytes.len() > piece => return Poll::Ready(bytes.split_to(piece)),
            some => {
                if let Some(bytes) = some.take() {
                    return Poll::Ready(bytes);
                }
            }
        }
        state.attend(cx.waker());
        Poll::Pending
    }

    pub(super) fn attend(&self, task: &Waker) {
        lock(&self.state).attend(task);
    }

    pub(super) fn take_task(&self) -> Option<Waker> {
        lock(&self.state).task.take()
    }
}

impl State {
    fn attend(&mut self, task: &Waker) {
        match &mut self.task {
            // A task's waker: neither its clone nor its drop comes back to here.
            Some(waker) => waker.clone_from(task),
            none => *none = Some(task.clone()),
        }
    }
}
