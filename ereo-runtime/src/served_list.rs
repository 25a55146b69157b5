//! A list served by one background task, which is woken when the list becomes empty. Its owner has it behind a lock.

use std::task::Waker;

use crate::block_slab::BlockSlab;
use crate::wakers::{WakerSlot, wake_all};

/// A list, and the task that ends once nobody is on it.
#[derive(Debug)]
pub(crate) struct ServedList<T> {
    pub(crate) all: BlockSlab<T>,
    task: WakerSlot,
}

/// What is left to do, once the lock is let go of, when one has left.
pub(crate) struct Left<T> {
    gone: T,
    /// The task, where nobody is left.
    task: Option<Waker>,
}

impl<T> ServedList<T> {
    pub(crate) fn leave(&mut self, place: u32) -> Left<T> {
        let gone = self.all.remove(place);
        let task = if self.all.is_empty() { self.task.take() } else { None };
        Left { gone, task }
    }

    /// Whether nobody is left; otherwise `task` is woken when that comes.
    pub(crate) fn is_deserted(&mut self, task: &Waker) -> bool {
        if self.all.is_empty() {
            return true;
        }
        self.task.set(task);
        false
    }

    /// The task, to be woken for something else.
    pub(crate) fn take_task(&mut self) -> Option<Waker> {
        self.task.take()
    }
}

impl<T> Default for ServedList<T> {
    fn default() -> Self {
        Self { all: BlockSlab::new(), task: WakerSlot::default() }
    }
}

impl<T> Left<T> {
    pub(crate) fn finish(self) {
        drop(self.gone);
        wake_all(self.task);
    }
}
