//! The sending side: what the response body asks for.

use std::sync::Arc;
use std::task::Context;

use super::{Change, Link};
use crate::broadcast::Item;
use crate::fanout::Sink;
use crate::server::OpenStream;
use crate::websocket::body::reset_frame;
use crate::websocket::source::{Fence, FrameItem, Read};

impl Link {
    /// From now on the connection goes over `sink`, both ways.
    pub(in crate::websocket) fn relay_into(&self, sink: &Arc<dyn Sink>) {
        self.0.outbox.relay_into(sink);
        if let Some(open) = &*self.0.open.borrow() {
            open.goes_over(sink);
        }
        // What is compressed for this connection alone, nobody else can send.
        if self.0.outbound.shares() {
            self.0.sources.borrow_mut().relay_into(sink);
        }
        // The driver must ask there for what comes.
        self.wake_driver();
    }

    /// Whether a relay sends what is broadcast, or nothing is.
    pub(in crate::websocket) fn is_quiet(&self) -> bool {
        self.0.sources.borrow().are_relayed()
    }

    /// Up to which offset frames may be taken several at once: none where each is compressed for this
    /// connection alone.
    #[inline]
    fn several(&self) -> u64 {
        if self.0.outbound.shares() { u64::MAX } else { 0 }
    }

    /// The next frame of any source.
    #[inline]
    pub(in crate::websocket) fn poll_sources(&self, cx: &mut Context<'_>) -> Option<Read> {
        let read = self.0.sources.borrow_mut().poll(self.id(), self.several(), cx);
        self.make_up(cx);
        read
    }

    /// The next frame that must go before what stands behind `fence`.
    pub(in crate::websocket) fn poll_before(
        &self,
        fence: &mut Fence,
        cx: &mut Context<'_>,
    ) -> Option<FrameItem> {
        let (mut sources, several) = (self.0.sources.borrow_mut(), self.several());
        let item = sources.poll_before(self.id(), fence, several, cx);
        drop(sources);
        self.make_up(cx);
        item
    }

    /// Moves what stands before `fence` into the mailbox, whose last frame is about to come.
    pub(super) fn take_from_sources(&self, mut fence: Fence, cx: &mut Context<'_>) {
        loop {
            // Borrowed means that a source is just being polled: what it gives goes out first.
            let Ok(mut sources) = self.0.sources.try_borrow_mut() else { return };
            // One at a time: what is several at once is framed already.
            let Some(item) = sources.poll_before(self.id(), &mut fence, 0, cx) else { break };
            drop(sources);
            match item {
                Item::Message((), frame) | Item::Unplaced(frame) => self.0.outbox.push_last(frame),
                Item::PassedOver(()) => {}
                Item::Reset(reset, ()) => self.0.outbox.push_last(reset_frame(reset).into()),
                Item::Batch(..) | Item::Ended(_) => break,
            }
        }
        self.make_up(cx);
    }

    /// Joins and leaves what could not be while the sources were polled.
    fn make_up(&self, cx: &Context<'_>) {
        let mut state = self.0.state.borrow_mut();
        let Some(rare) = &mut state.rare else { return };
        let deferred = std::mem::take(&mut rare.deferred);
        drop(state);
        for change in deferred {
            match change {
                Change::Join(key, source) => {
                    self.0.sources.borrow_mut().join(key, source);
                    // It is polled soon, also if this poll finds nothing else.
                    cx.waker().wake_by_ref();
                }
                Change::Leave(key) => self.leave(key),
                Change::Choose(key, choice) => self.choose(key, choice),
            }
        }
    }

    /// The body is gone: closed, reset, or stopped by actix.
    pub(in crate::websocket) fn body_dropped(&self) {
        self.0.outbox.let_go();
        self.0.body_gone.set(true);
        let open = self.take_open();
        self.wake_driver();
        // User code of theirs may panic.
        self.leave_all();
        drop(open);
    }

    /// The driver is gone, or never was.
    pub(in crate::websocket) fn driver_dropped(&self) {
        self.0.driver_gone.set(true);
        drop(self.take_open());
    }

    /// What counts the connection as open, once it is not.
    fn take_open(&self) -> Option<OpenStream> {
        let closed = self.0.driver_gone.get() && self.0.body_gone.get();
        // Neither is there any more to have it borrowed.
        if closed { self.0.open.take() } else { None }
    }

    /// The body has sent all that it will send.
    pub(in crate::websocket) fn body_done(&self) {
        self.leave_all();
    }
}
