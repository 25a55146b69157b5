//! Why a server must not start, found while a worker makes its services: actix has no words for it.

use std::error::Error;

use crate::sync::{Mutex, lock};

type Reason = Box<dyn Error + Send + Sync>;

/// The latest reason. Workers are made on threads of their own, and each finds the same one.
static REASON: Mutex<Option<Reason>> = Mutex::new(None);

/// Leaves the reason for whoever runs the server.
pub(crate) fn because(reason: impl Into<Reason>) {
    *lock(&REASON) = Some(reason.into());
}

/// The reason of a server that has failed to start.
pub(crate) fn take() -> Option<Reason> {
    lock(&REASON).take()
}
