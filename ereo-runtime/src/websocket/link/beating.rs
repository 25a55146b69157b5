//! Heartbeats that the page of a client can see, where it asks for them.

use tokio::time::Instant;

use super::Link;
use crate::heartbeat;
use crate::server::OpenStream;
use crate::websocket::millis::Millis;
use crate::wire::{OpCode, encode};

impl Link {
    /// Whether its page is ours, and sees them.
    pub(in crate::websocket) fn shows(&self) -> bool {
        self.0.beat.get() != Millis::NEVER
    }

    /// When the next one is due, if one is.
    pub(in crate::websocket) fn next_beat(&self) -> Option<Instant> {
        let next = self.0.beat.get();
        if next == Millis::NEVER {
            return None;
        }
        next.after(self.began()?)
    }

    /// Sends one. Like a ping it goes before what waits, which is no more than whole frames: it says
    /// nothing that must keep its place among the messages.
    pub(in crate::websocket) fn beats(&self, every: Millis, now: Instant) {
        let text = heartbeat::text(every.get().unwrap_or(0));
        self.0.outbox.push_control(encode(OpCode::Text, text.as_bytes()));
        let next = self.began().zip(every.after(now)).map(|(began, next)| next - began);
        self.0.beat.set(next.map_or(Millis::LATEST, |next| Millis::from(next).min(Millis::LATEST)));
    }

    fn began(&self) -> Option<Instant> {
        self.0.open.borrow().as_ref().map(OpenStream::began)
    }
}
