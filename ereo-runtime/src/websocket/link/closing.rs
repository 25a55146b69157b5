//! The steps of a connection towards its end, as its [`Stage`] asks for them (RFC 6455 section 7).

use std::task::Context;

use super::Link;
use crate::ending::Ending;
use crate::server::Observed;
use crate::wakers::wake_all;
use crate::websocket::close::{self, CloseCode, CloseReason};
use crate::websocket::mailbox::Order;
use crate::websocket::source::Fence;
use crate::websocket::stage::{Duty, Event, Stage};

impl Link {
    /// Closes from this side; without effect where the connection closes already, except that a
    /// peer's close frame is answered.
    pub(in crate::websocket) fn close(&self, code: CloseCode, told: &str, reason: CloseReason) {
        self.close_behind(code, told, reason, || self.fence());
    }

    /// Closes as another thread has asked for, if one has.
    pub(in crate::websocket) fn obey(&self, cx: &mut Context<'_>) {
        let Some(Order { ending, behind }) = self.0.outbox.take_order() else { return };
        self.disconnect(ending, || {
            let mut fence = self.fence();
            // What was broadcast since is not for it any more.
            if let Some((seat, head)) = behind {
                fence.lower(seat, head);
            }
            // The handler is about to hear of it, and to leave its seats.
            self.take_from_sources(fence, cx);
            Fence::NONE
        });
    }

    /// Closes as somebody has asked for that names the connection; what is said of it goes behind the fence.
    pub(in crate::websocket) fn disconnect(&self, ending: Ending, fence: impl FnOnce() -> Fence) {
        let is_open = self.stage() == Stage::Open;
        let code = CloseCode::new(ending.close_code()).unwrap_or(CloseCode::NORMAL);
        let told = close::told(&ending, self.shows());
        self.close_behind(code, &told, CloseReason::Disconnected(ending), fence);
        if is_open {
            self.tell(Observed::is_disconnected);
        }
    }

    fn close_behind(
        &self,
        code: CloseCode,
        told: &str,
        reason: CloseReason,
        fence: impl FnOnce() -> Fence,
    ) {
        match self.advance(Event::Close) {
            Duty::SendClose => self.send_close(code, told, reason, fence),
            Duty::SendAnswer => self.send_answer(),
            Duty::Nothing | Duty::TellHandler | Duty::Finish => {}
        }
    }

    /// Queues our close frame.
    pub(super) fn send_close(
        &self,
        code: CloseCode,
        told: &str,
        reason: CloseReason,
        fence: impl FnOnce() -> Fence,
    ) {
        let mut state = self.0.state.borrow_mut();
        state.rare().reason = Some(reason);
        let receiver = state.take_receiver();
        drop(state);
        self.0.outbox.seal(close::frame(Some(code), told), fence());
        wake_all(receiver);
        self.wake_driver();
    }

    /// Answers the peer's close frame, if that is due.
    pub(in crate::websocket) fn answer(&self) {
        if self.advance(Event::Answer) == Duty::SendAnswer {
            self.send_answer();
        }
    }

    /// Queues the close frame that answers the peer's (section 5.5.1: "typically echos the status code it
    /// received"), and ends behind it.
    fn send_answer(&self) {
        let code = match self.reason() {
            Some(CloseReason::Peer { code, .. }) => code,
            _ => None,
        };
        self.0.outbox.seal(close::frame(code, ""), self.fence());
        self.finish();
    }

    /// Nothing is waited for any more: the body ends behind what is queued.
    pub(in crate::websocket) fn end(&self) {
        if self.advance(Event::End) == Duty::Finish {
            self.finish();
        }
    }

    /// Ends the body behind what is queued.
    pub(super) fn finish(&self) {
        let mut state = self.0.state.borrow_mut();
        state.rare().reason.get_or_insert(CloseReason::Vanished);
        let ended = state.rare().ended.clone();
        let receiver = state.take_receiver();
        drop(state);
        self.0.outbox.finish();
        wake_all(receiver);
        if let Some(ended) = ended {
            ended.notify_waiters();
        }
        self.wake_driver();
    }

    /// Ends at once: what is queued would not be read. Frees it and leaves all sources.
    pub(in crate::websocket) fn abort(&self, code: CloseCode, told: &str, reason: CloseReason) {
        self.0.outbox.clear();
        self.leave_all();
        self.close(code, told, reason);
        self.end();
    }

    pub(in crate::websocket) fn leave_all(&self) {
        // While sources are polled the body is alive, and drops them when it ends.
        let sources =
            self.0.sources.try_borrow_mut().map(|mut sources| std::mem::take(&mut *sources));
        drop(sources);
    }
}
