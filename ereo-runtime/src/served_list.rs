//! What a task of one thread tends for others, behind a lock of whoever has it.

use std::task::Waker;

use crate::block_slab::BlockSlab;

/// A list, and the task that ends once nobody is on it.
#[derive(Debug)]
pub(crate) struct ServedList<T> {
    pub(crate) all: BlockSlab<T>,
    task: Option<Waker>,
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
        match &mut self.task {
            // A task's waker: neither its clone nor its drop comes back to here.
            Some(waker) => waker.clone_from(task),
            none => *none = Some(task.clone()),
        }
        false
    }

    /// The task, to be woken for something else.
    pub(crate) fn take_task(&mut self) -> Option<Waker> {
        self.task.take()
    }
}

impl<T> Default for ServedList<T> {
    fn default() -> Self {
        Self { all: BlockSlab::new(), task: None }
    }
}

impl<T> Left<T> {
    pub(crate) fn finish(self) {
        drop(self.gone);
        if let Some(task) = self.task {
            task.wake();
        }
    }
}
