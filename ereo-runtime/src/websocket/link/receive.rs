//! The receiving side: what the driver reads, until the handler takes it.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use bytestring::ByteString;

use super::{Link, State};
use crate::message::Payload;
use crate::wakers::{WakerSlot, wake_all};
use crate::websocket::close::{CloseCode, CloseReason};
use crate::websocket::reader::ReadError;
use crate::websocket::stage::{Duty, Event, Stage};

/// Messages, and bytes, that may wait for the handler before the socket is not read any more. With
/// the one message that passes the second figure, a connection holds at most these bytes and two
/// times `max_message`.
const INBOX_MESSAGES: usize = 16;
const INBOX_BYTES: usize = 64 << 10;

/// What waits for the handler, or for what the handler waits.
#[derive(Default)]
pub(super) struct Inbox {
    frames: VecDeque<Payload>,
    bytes: usize,
    /// Of a handler that receives in a task of its own. Any other is polled by the driver, behind
    /// whatever it reads.
    receiver: WakerSlot,
}

impl Inbox {
    fn push(&mut self, frame: Payload) {
        self.bytes += frame_len(&frame);
        self.frames.push_back(frame);
    }

    fn pop(&mut self) -> Option<Payload> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame_len(&frame);
        Some(frame)
    }
}

impl State {
    pub(super) fn take_receiver(&mut self) -> Option<Waker> {
        self.inbox.as_mut()?.receiver.take()
    }
}

impl Link {
    pub(in crate::websocket) fn has_room(&self) -> bool {
        let room = |inbox: &Inbox| inbox.frames.len() < INBOX_MESSAGES && inbox.bytes < INBOX_BYTES;
        self.0.state.borrow().inbox.as_deref().is_none_or(room)
    }

    /// The peer is silent: what its messages have waited in is given back.
    pub(in crate::websocket) fn rests(&self) {
        let idle = |inbox: &mut Box<Inbox>| inbox.frames.is_empty() && inbox.receiver.is_empty();
        let mut state = self.0.state.borrow_mut();
        state.inbox.take_if(idle);
        state.rare.take_if(|rare| rare.is_empty());
    }

    pub(in crate::websocket) fn body_gone(&self) -> bool {
        self.0.body_gone.get()
    }

    /// A message was read.
    pub(in crate::websocket) fn deliver(&self, frame: Payload) {
        // Once our close frame is queued nobody could answer, section 1.4 lets it go unread.
        if self.stage() != Stage::Open {
            return;
        }
        let mut state = self.0.state.borrow_mut();
        state.inbox.get_or_insert_default().push(frame);
        let receiver = state.take_receiver();
        drop(state);
        wake_all(receiver);
    }

    /// The peer's close frame was read.
    pub(in crate::websocket) fn peer_closes(&self, code: Option<CloseCode>, reason: ByteString) {
        match self.advance(Event::PeerCloses) {
            Duty::TellHandler => {
                let mut state = self.0.state.borrow_mut();
                state.rare().reason = Some(CloseReason::Peer { code, reason });
                let receiver = state.take_receiver();
                drop(state);
                wake_all(receiver);
                self.wake_driver();
            }
            Duty::Finish => self.finish(),
            Duty::Nothing | Duty::SendClose | Duty::SendAnswer => {}
        }
    }

    /// Answers the peer's close frame at once for a handler that only sends: there is nothing that it
    /// would have to finish first. To be called after the handler was polled.
    pub(in crate::websocket) fn answer_unheard(&self) {
        let state = self.0.state.borrow();
        let empty = state.inbox.as_ref().is_none_or(|inbox| inbox.frames.is_empty());
        let unheard = !self.0.receives.get() && empty;
        drop(state);
        if unheard {
            self.answer();
        }
    }

    /// The peer's bytes make no sense.
    pub(in crate::websocket) fn read_failed(&self, error: ReadError) {
        if self.advance(Event::Unreadable) == Duty::SendClose {
            let code = match error {
                ReadError::Protocol(_) => CloseCode::PROTOCOL,
                ReadError::TooBig { .. } => CloseCode::MESSAGE_TOO_BIG,
                ReadError::InvalidUtf8 | ReadError::Corrupt => CloseCode::INVALID_PAYLOAD,
            };
            self.0.state.borrow_mut().rare().failure = Some(error);
            self.send_close(code, &error.to_string(), error.into(), || self.fence());
        }
    }

    /// The peer's end of the connection was reached: FIN or RST.
    pub(in crate::websocket) fn input_ended(&self) {
        if self.advance(Event::InputEnds) == Duty::Finish {
            self.finish();
        }
    }

    /// The next message for the handler.
    pub(in crate::websocket) fn poll_recv(
        &self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Payload>, ReadError>> {
        self.0.receives.set(true);
        let mut state = self.0.state.borrow_mut();
        if let Some(frame) = state.inbox.as_mut().and_then(|inbox| inbox.pop()) {
            // The driver stops reading while the inbox is full. It notices by itself when the handler
            // that it just polls has taken something; a task of the handler's must wake it.
            drop(state);
            if !self.0.outbox.is_task(cx.waker()) {
                self.wake_driver();
            }
            return Poll::Ready(Ok(Some(frame)));
        }
        if let Some(error) = state.rare.as_mut().and_then(|rare| rare.failure.take()) {
            return Poll::Ready(Err(error));
        }
        if self.stage() == Stage::Open {
            if self.0.outbox.is_task(cx.waker()) {
                let before = state.take_receiver();
                drop(state);
                drop(before);
                return Poll::Pending;
            }
            state.inbox.get_or_insert_default().receiver.set(cx.waker());
            return Poll::Pending;
        }
        drop(state);
        self.answer();
        Poll::Ready(Ok(None))
    }
}

fn frame_len(frame: &Payload) -> usize {
    match frame {
        Payload::Text(text) => text.len(),
        Payload::Binary(bytes) => bytes.len(),
    }
}
