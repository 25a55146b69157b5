//! The primitives that the log, the leases of a sink and the calls of an executor are built on, named
//! in one place so that `tests/loom` can compile the very same code over loom's.

pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
pub(crate) use std::sync::{Arc, Mutex, MutexGuard};

/// Locks, going on after a panic elsewhere: every critical section leaves the log consistent.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
