//! Where others leave what a body that actix polls hands out first.

use std::task::Waker;

use bytes::Bytes;
use tokio::time::Instant;

use crate::sync::{Mutex, lock};

/// What actix's write buffer holds before it is written: what is larger goes out in pieces of this size.
const PIECE: usize = 32 << 10;

/// Holds what was left at one time, and no more until that has gone out.
#[derive(Debug)]
pub(super) struct Slot {
    since: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    bytes: Option<Bytes>,
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

    /// Leaves `bytes` for the body, whose task is to be woken; false if something is left already.
    pub(super) fn put(&self, bytes: impl FnOnce() -> Bytes) -> bool {
        let mut state = lock(&self.state);
        let empty = state.bytes.is_none();
        if empty {
            state.bytes = Some(bytes());
        }
        empty
    }

    /// What is left, or a piece of it.
    pub(super) fn take(&self) -> Option<Bytes> {
        let mut state = lock(&self.state);
        match &mut state.bytes {
            Some(bytes) if bytes.len() > PIECE => Some(bytes.split_to(PIECE)),
            _ => state.bytes.take(),
        }
    }

    pub(super) fn attend(&self, task: &Waker) {
        let mut state = lock(&self.state);
        match &mut state.task {
            // A task's waker: neither its clone nor its drop comes back to here.
            Some(waker) => waker.clone_from(task),
            none => *none = Some(task.clone()),
        }
    }

    pub(super) fn take_task(&self) -> Option<Waker> {
        lock(&self.state).task.take()
    }
}
