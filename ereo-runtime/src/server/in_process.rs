//! A server without sockets of its own: what tests hand connections to.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;

use actix_web::dev::Extensions;

use super::drain::DrainHandle;
use super::realtime::{Connecting, Realtime};

/// What its connections are told.
#[derive(Debug, Clone)]
pub(crate) struct InProcess(Connecting);

impl InProcess {
    /// With a handle to the drain, and what is to run for it to be one. It begins when it is told to: a
    /// test's process keeps its signals.
    pub(crate) fn new(realtime: Realtime) -> (Self, DrainHandle, impl Future<Output = ()>) {
        let (realtime, handle) = realtime.for_tests();
        let (connecting, drain) = realtime.begin();
        let lifeline = Arc::clone(connecting.lifeline());
        (Self(connecting), handle, drain.run(lifeline))
    }

    pub(crate) fn connected(&self, io: &dyn Any, data: &mut Extensions) {
        self.0.connected(io, data);
    }
}
