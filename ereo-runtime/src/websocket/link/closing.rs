//! How a connection goes from stage to stage towards its end (RFC 6455 section 7).

use std::task::Context;

use super::{Link, Stage};
use crate::ending::Ending;
use crate::server::Observed;
use crate::wakers::wake_all;
use crate::websocket::close::{self, CloseCode, CloseReason};
use crate::websocket::mailbox::Order;
use crate::websocket::source::Fence;

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
        match self.stage() {
            Stage::Open => {
                let mut state = self.0.state.borrow_mut();
                state.rare().reason = Some(reason);
                let receiver = state.take_receiver();
                drop(state);
                self.0.stage.set(Stage::Closing);
                self.0.outbox.seal(close::frame(Some(code), told), fence());
                wake_all(receiver);
                self.wake_driver();
            }
            Stage::Answering => self.answer(),
            Stage::Closing | Stage::Failing | Stage::Ended => {}
        }
    }

    /// Sends the close frame that answers the peer's, if that is due (section 5.5.1: "typically
    /// echos the status code it received").
    pub(in crate::websocket) fn answer(&self) {
        if self.stage() != Stage::Answering {
            return;
        }
        let code = match self.reason() {
            Some(CloseReason::Peer { code, .. }) => code,
            _ => None,
        };
        self.0.outbox.seal(close::frame(code, ""), self.fence());
        self.end();
    }

    /// Nothing is waited for any more: the body ends behind what is queued.
    pub(in crate::websocket) fn end(&self) {
        if self.0.stage.replace(Stage::Ended) == Stage::Ended {
            return;
        }
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
