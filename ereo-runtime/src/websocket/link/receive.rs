//! The receiving side: what the driver reads, until the handler takes it.

use std::task::{Context, Poll};

use bytestring::ByteString;

use super::{Link, Stage, wake};
use crate::message::Frame;
use crate::websocket::close::{CloseCode, CloseReason};
use crate::websocket::reader::ReadError;

/// Messages, and bytes, that may wait for the handler before the socket is not read any more. With
/// the one message that passes the second figure, a connection holds at most these bytes and two
/// times `max_message`.
const INBOX_MESSAGES: usize = 16;
const INBOX_BYTES: usize = 64 << 10;
impl Link {
    pub(in crate::websocket) fn has_room(&self) -> bool {
        let state = self.0.state.borrow();
        state.inbox.len() < INBOX_MESSAGES && state.inbox_bytes < INBOX_BYTES
    }

    pub(in crate::websocket) fn body_gone(&self) -> bool {
        self.0.state.borrow().body_gone
    }

    /// A message was read.
    pub(in crate::websocket) fn deliver(&self, frame: Frame) {
        // Once our close frame is queued nobody could answer, section 1.4 lets it go unread.
        if self.stage() != Stage::Open {
            return;
        }
        let mut state = self.0.state.borrow_mut();
        state.inbox_bytes += frame_len(&frame);
        state.inbox.push_back(frame);
        let receiver = state.receiver.take();
        drop(state);
        wake(receiver);
    }

    /// The peer's close frame was read.
    pub(in crate::websocket) fn peer_closes(&self, code: Option<CloseCode>, reason: ByteString) {
        match self.stage() {
            Stage::Open => {
                let mut state = self.0.state.borrow_mut();
                state.reason = Some(CloseReason::Peer { code, reason });
                let receiver = state.receiver.take();
                drop(state);
                self.0.stage.set(Stage::Answering);
                wake(receiver);
                self.wake_driver();
            }
            Stage::Closing => self.end(),
            Stage::Answering | Stage::Failing | Stage::Ended => {}
        }
    }

    /// Answers the peer's close frame at once for a handler that only sends: there is nothing that it
    /// would have to finish first. To be called after the handler was polled.
    pub(in crate::websocket) fn answer_unheard(&self) {
        let state = self.0.state.borrow();
        let unheard = !state.receives && state.inbox.is_empty();
        drop(state);
        if unheard {
            self.answer();
        }
    }

    /// The peer's bytes make no sense.
    pub(in crate::websocket) fn read_failed(&self, error: ReadError) {
        match self.stage() {
            Stage::Open => {
                let (code, told) = match error {
                    ReadError::Protocol(error) => (CloseCode::PROTOCOL, error.to_string()),
                    ReadError::TooBig { .. } => (CloseCode::TOO_BIG, error.to_string()),
                    ReadError::InvalidUtf8 | ReadError::Corrupt => {
                        (CloseCode::INVALID_DATA, error.to_string())
                    }
                };
                self.0.state.borrow_mut().failure = Some(error);
                self.close(code, &told, error.into());
                if self.stage() == Stage::Closing {
                    self.0.stage.set(Stage::Failing);
                }
            }
            // No close frame of the peer's can be found any more.
            Stage::Closing => self.0.stage.set(Stage::Failing),
            Stage::Answering | Stage::Failing | Stage::Ended => {}
        }
    }

    /// The peer's end of the connection was reached: FIN or RST.
    pub(in crate::websocket) fn input_ended(&self) {
        // After its close frame that is fine, if early: ours still goes out, for what it is worth.
        if self.stage() != Stage::Answering {
            self.end();
        }
    }

    /// The next message for the handler.
    pub(in crate::websocket) fn poll_recv(
        &self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Frame>, ReadError>> {
        let mut state = self.0.state.borrow_mut();
        state.receives = true;
        if let Some(frame) = state.inbox.pop_front() {
            state.inbox_bytes -= frame_len(&frame);
            // The driver stops reading while the inbox is full. It notices by itself when the handler
            // that it just polls has taken something; a task of the handler's must wake it.
            let driver = state.driver.as_ref().filter(|driver| !driver.will_wake(cx.waker()));
            let driver = driver.cloned();
            drop(state);
            wake(driver);
            return Poll::Ready(Ok(Some(frame)));
        }
        if let Some(error) = state.failure.take() {
            return Poll::Ready(Err(error));
        }
        if self.stage() == Stage::Open {
            match &mut state.receiver {
                Some(waker) => waker.clone_from(cx.waker()),
                none => *none = Some(cx.waker().clone()),
            }
            return Poll::Pending;
        }
        drop(state);
        self.answer();
        Poll::Ready(Ok(None))
    }
}

fn frame_len(frame: &Frame) -> usize {
    match frame {
        Frame::Text(text) => text.len(),
        Frame::Binary(bytes) => bytes.len(),
    }
}
