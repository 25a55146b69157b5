//! Why a server must not start, found while a worker makes its services: actix has no words for it.

use std::error::Error;
use std::sync::{Mutex, PoisonError};

type Reason = Box<dyn Error + Send + Sync>;

/// The latest reason. Workers are made on threads of their own, and each finds the same one.
static REASON: Mutex<Option<Reason>> = Mutex::new(None);

/// Leaves the reason for whoever runs the server.
pub(crate) fn because(reason: impl Into<Reason>) {
    *REASON.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.into());
}

/// The reason of a server that has failed to start.
pub(crate) fn take() -> Option<Reason> {
    REASON.lock().unwrap_or_else(PoisonError::into_inner).take()
}
