//! The primitives that the broadcast log, the turns of an outlet and the calls of a hub are built on, named
//! in one place so that `tests/loom` can compile the very same code over loom's.

pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
pub(crate) use std::sync::{Arc, Mutex, MutexGuard};

/// Locks, going on after a panic elsewhere: every critical section leaves the log consistent.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
