//! State of one thread within something that other threads may hold.

use std::thread::{self, ThreadId};

use crate::sync::{Mutex, MutexGuard, lock};

/// A value that only the thread it was made on asks for. The lock is never waited for: that it is one lets a server,
/// which all of its threads share, hold the value.
#[derive(Debug)]
pub(super) struct ThreadBound<T> {
    home: ThreadId,
    value: Mutex<T>,
}

impl<T: Default> Default for ThreadBound<T> {
    /// A value of this thread.
    fn default() -> Self {
        Self { home: thread::current().id(), value: Mutex::default() }
    }
}

impl<T> ThreadBound<T> {
    /// The value, for the thread that it is of.
    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        debug_assert_eq!(thread::current().id(), self.home, "a value of another thread");
        lock(&self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(debug_assertions)]
    fn another_thread_may_hold_the_value_and_may_not_ask_for_it() {
        let bound = ThreadBound::<u32>::default();
        *bound.lock() += 1;
        assert_eq!(*bound.lock(), 1);
        let asked = thread::scope(|scope| scope.spawn(|| drop(bound.lock())).join());
        assert!(asked.is_err());
    }
}
