//! Reads what comes, for as long as a turn lasts.

use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::time::Instant;

use super::Driver;
use crate::budget;
use crate::message::Payload;
use crate::server::Observed;
use crate::websocket::close::{CloseCode, CloseReason};
use crate::websocket::millis::Millis;
use crate::websocket::rate::Rate;
use crate::websocket::reader::{Event, ReadError};
use crate::websocket::stage::Stage;
use crate::wire::{OpCode, Work, encode};

impl Driver {
    /// Reads until nothing is there, the handler has enough to do, the turn is over, or the connection ends.
    /// An error counts once the handler was polled with what came before it, so that an answer that needs
    /// no waiting still goes out ahead of the close frame.
    pub(super) fn poll_incoming(&mut self, cx: &mut Context<'_>) -> Result<(), ReadError> {
        let mut input = self.link.incoming().take_back();
        loop {
            if self.link.stage() == Stage::Ended {
                // Nobody reading, actix throws away what still comes.
                self.stop_reading();
            }
            if !self.reads {
                return Ok(());
            }
            if self.link.has_room() && budget::is_spent() {
                self.link.incoming().give_back(input);
                cx.waker().wake_by_ref();
                return Ok(());
            }
            if !self.link.has_room() || self.link.eases() {
                self.link.incoming().give_back(input);
                self.is_deaf(cx);
                return Ok(());
            }
            if let Some(event) = self.read_event(&mut input)? {
                self.read(event);
                continue;
            }
            match self.link.incoming().poll_chunk(cx) {
                Poll::Ready(Some(chunk)) => {
                    let now = Instant::now();
                    self.hears(now);
                    self.rates(|rate| rate.bytes(chunk.len(), now));
                    input = chunk;
                }
                // FIN or RST.
                Poll::Ready(None) => {
                    self.stop_reading();
                    self.link.input_ended();
                }
                // What the peer sent before it left was read; more cannot come.
                Poll::Pending if self.link.body_gone() => {
                    self.stop_reading();
                    self.link.input_ended();
                }
                Poll::Pending => return Ok(()),
            }
        }
    }

    /// Takes the next event from `input`, and spends what it costs: a turn ends after so much work, however
    /// little was read for it.
    fn read_event(&mut self, input: &mut Bytes) -> Result<Option<Event>, ReadError> {
        let mut work = Work::default();
        let event = self.reader.read(input, &mut work)?;
        budget::spend(budget::units(work.inflated) - 1 + work.restarts);
        if let Some(event) = &event {
            budget::spend(budget::units(event.len()));
            let now = Instant::now();
            self.rates(|rate| rate.message(now) & rate.bytes(work.excess, now));
        }
        Ok(event)
    }

    /// Nothing is read: not the peer's silence, but our deafness. Only the body can tell now that it is gone.
    fn is_deaf(&mut self, cx: &mut Context<'_>) {
        let now = Instant::now();
        self.hears(now);
        self.reader.rests(now);
        if self.link.body_gone() || self.link.incoming().poll_reset(cx).is_ready() {
            self.link.input_ended();
            self.stop_reading();
        }
    }

    fn stop_reading(&mut self) {
        self.reads = false;
        self.link.incoming().close();
    }

    /// The peer is there.
    fn hears(&mut self, now: Instant) {
        if self.stage == Stage::Open {
            (self.since, self.pinged) = (now, Millis::ZERO);
        }
    }

    /// Asks the rate, if there is one, and closes where the peer is beyond it: what came so far is still the
    /// handler's, the rest is not read.
    fn rates(&mut self, within: impl FnOnce(&mut Rate) -> bool) {
        if self.rate.as_mut().is_none_or(|rate| within(rate)) || self.link.stage() != Stage::Open {
            return;
        }
        self.link.tell(Observed::is_too_fast);
        self.refuse("too fast");
    }

    /// The peer has begun a message and does not end it.
    pub(super) fn too_slow(&self) {
        self.link.tell(Observed::is_too_slow);
        self.refuse("a message was not finished in time");
    }

    /// Closes for what the peer does.
    fn refuse(&self, told: &'static str) {
        let code = CloseCode::POLICY_VIOLATION;
        self.link.close(code, told, CloseReason::Local { code, reason: told.into() });
    }

    fn read(&self, event: Event) {
        match event {
            Event::Text(text) => self.link.deliver(Payload::Text(text)),
            Event::Binary(bytes) => self.link.deliver(Payload::Binary(bytes)),
            Event::Ping(payload) => self.link.outbox().push_control(encode(OpCode::Pong, &payload)),
            Event::Pong(_) => {}
            Event::Close(code, reason) => self.link.peer_closes(code, reason),
        }
    }
}
