//! A stream that stays with actix, and what others send over it.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::{Outlet, Sending};

/// What actix polls: as a [`Writer`](super::Writer), it is where a set's relay leaves messages while the
/// stream itself has nothing to send.
///
/// A relay that wakes a thousand bodies knows what each is to send. So a body which has handed that out
/// does not ask mailbox, sets and clock for more, unless something else may have woken it as well.
pub(super) struct Dispatch<S: Sending> {
    sending: S,
    outlet: Arc<Outlet>,
    /// Whether nothing but what others send, and what voids their turn, wakes the stream, as it found
    /// when it last had nothing to send.
    quiet: bool,
    /// Whether what others left was handed out since.
    handed: bool,
}

impl<S: Sending> Dispatch<S> {
    pub(super) fn new(mut sending: S) -> Self {
        let outlet = Arc::new(Outlet::of_a_body());
        sending.over(&outlet);
        Self { sending, outlet, quiet: false, handed: false }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(bytes) = self.outlet.take() {
            self.handed = true;
            return Poll::Ready(Some(bytes));
        }
        let handed = std::mem::take(&mut self.handed);
        if handed && self.quiet && self.outlet.is_armed() && !self.sending.is_roused(cx) {
            self.outlet.attend(cx.waker());
            return Poll::Pending;
        }
        self.take_down();
        self.outlet.look();
        let next = self.sending.poll_body(cx);
        self.quiet = next.is_pending() && self.sending.is_quiet();
        next
    }

    fn take_down(&mut self) {
        if let Some(tally) = self.outlet.tally() {
            self.sending.take_down(tally);
        }
    }
}

impl<S: Sending> Drop for Dispatch<S> {
    fn drop(&mut self) {
        self.take_down();
    }
}
