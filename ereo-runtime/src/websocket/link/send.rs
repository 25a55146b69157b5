//! The sending side: what the response body asks for.

use std::sync::Arc;
use std::task::Context;

use super::{Change, Link};
use crate::server::{OpenStream, Outlet};
use crate::websocket::source::{Fence, Outgoing, Read};

impl Link {
    /// From now on the connection goes over `outlet`, both ways.
    pub(in crate::websocket) fn goes_over(&self, outlet: &Arc<Outlet>) {
        self.0.outbox.goes_over(outlet);
        self.0.sources.borrow_mut().over(outlet);
        // The driver must ask there for what comes.
        self.wake_driver();
    }

    /// The next frame of any source.
    #[inline]
    pub(in crate::websocket) fn poll_sources(&self, cx: &mut Context<'_>) -> Option<Read> {
        let read = self.0.sources.borrow_mut().poll(cx);
        self.make_up(cx);
        read
    }

    /// The next frame that must go before what stands behind `fence`.
    pub(in crate::websocket) fn poll_before(
        &self,
        fence: &mut Fence,
        cx: &mut Context<'_>,
    ) -> Option<Outgoing> {
        let outgoing = self.0.sources.borrow_mut().poll_before(fence, cx);
        self.make_up(cx);
        outgoing
    }

    /// Joins and leaves what could not be while the sources were polled.
    fn make_up(&self, cx: &Context<'_>) {
        let deferred = std::mem::take(&mut *self.0.deferred.borrow_mut());
        for change in deferred {
            match change {
                Change::Join(key, source) => {
                    self.0.sources.borrow_mut().join(key, source);
                    // It is polled soon, also if this poll finds nothing else.
                    cx.waker().wake_by_ref();
                }
                Change::Leave(key) => self.leave(key),
            }
        }
    }

    /// The body is gone: closed, reset, or stopped by actix.
    pub(in crate::websocket) fn body_dropped(&self) {
        self.0.outbox.clear();
        self.leave_all();
        let mut state = self.0.state.borrow_mut();
        state.body_gone = true;
        let open = state.open.take();
        drop(state);
        drop(open);
        self.wake_driver();
    }

    /// Keeps what counts the connection as open until its body is gone.
    pub(in crate::websocket) fn hand_over(&self, open: Option<OpenStream>) {
        let mut state = self.0.state.borrow_mut();
        if !state.body_gone {
            state.open = open;
        }
    }

    /// The body has sent all that it will send.
    pub(in crate::websocket) fn body_done(&self) {
        self.leave_all();
    }
}
