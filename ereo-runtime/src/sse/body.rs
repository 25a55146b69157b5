//! The body of a response: blocks, heartbeats, and the end when the server drains.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::blocks::Blocks;
use super::finished::END;
use super::panicked::Panicked;
use crate::compact_instant::CompactInstant;
use crate::fanout::Sink;
use crate::heartbeat;
use crate::server::{ConnectionKind, How, OpenStream};
use crate::takeover::{Sending, SocketSink, Tally};
use crate::wire::{Block, Framing, Outgoing};
use crate::worker::Alarm;

/// Ends when its source ends, when the server drains, or when the client leaves (it is dropped).
pub(super) struct SseBody {
    /// Gone once the stream has ended, so that the client leaves its set at once.
    blocks: Option<Box<dyn Blocks>>,
    opened: bool,
    /// Whether the client asked for heartbeats that a page can see.
    shows: bool,
    /// In milliseconds.
    retry: u32,
    heartbeat: Option<Heartbeat>,
    /// For the drain and the heartbeat.
    alarm: Alarm,
    /// Tells when the server drains, and is told what is sent.
    stream: OpenStream,
}

struct Heartbeat {
    /// In milliseconds.
    every: u32,
    /// Whether something was sent since the body last went to sleep, and when that was. A client that is
    /// shown heartbeats gets them one interval after the other, whatever else it is sent: its page sees
    /// neither positions nor events that it does not listen for.
    sent: bool,
    /// Since the stream began.
    slept: CompactInstant,
}

impl SseBody {
    pub(super) fn new(
        mut blocks: Box<dyn Blocks>,
        retry: Duration,
        heartbeat: Option<Duration>,
        shows: bool,
        stream: OpenStream,
    ) -> Self {
        let heartbeat = heartbeat.map(|every| Heartbeat::new(millis(every), stream.began()));
        let (retry, alarm) = (millis(retry), stream.alarm());
        blocks.comes_back_after(retry.saturating_add(millis(stream.apart())));
        Self { blocks: Some(blocks), opened: false, shows, retry, heartbeat, alarm, stream }
    }

    fn poll_bytes(&mut self, framing: Framing, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let outgoing = ready!(self.poll_outgoing(framing, cx));
        if let Some(outgoing) = &outgoing {
            let (messages, bytes) = outgoing.counts();
            self.stream.observed().sent(messages, bytes);
            if let Some(heartbeat) = self.heartbeat.as_mut().filter(|_| !self.shows) {
                heartbeat.sent = true;
            }
        }
        Poll::Ready(outgoing.map(|outgoing| outgoing.into_bytes(framing)))
    }

    fn poll_outgoing(&mut self, framing: Framing, cx: &mut Context<'_>) -> Poll<Option<Outgoing>> {
        let Some(blocks) = &mut self.blocks else { return Poll::Ready(None) };
        if !std::mem::replace(&mut self.opened, true) {
            let mut opening = blocks.opening(self.retry.into());
            if self.shows {
                let every = self.heartbeat.as_ref().map_or(0, |heartbeat| heartbeat.every);
                opening += &heartbeat::event(every);
                opening.push('\n');
            }
            return Poll::Ready(Some(Outgoing::Block(Block::of(&opening))));
        }
        // A source that always has something would put it off for ever.
        if self.shows && self.heartbeat.as_ref().is_some_and(|it| it.is_due(self.stream.began())) {
            return Poll::Ready(self.beat().map(Outgoing::Block));
        }
        let observed = self.stream.observed();
        let poll = AssertUnwindSafe(|| blocks.poll_outgoing(framing, cx, observed));
        let polled = match catch_unwind(poll) {
            Ok(polled) => polled,
            Err(panic) => {
                self.blocks = Some(Box::new(Panicked::with(panic, observed)));
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        };
        if let Poll::Ready(outgoing) = polled {
            return Poll::Ready(outgoing.or_else(|| self.end(cx).map(Outgoing::Block)));
        }
        self.poll_block(cx).map(|block| Some(Outgoing::Block(block)))
    }

    /// Lets the client leave its set; what it is told behind the last of the blocks.
    fn end(&mut self, cx: &Context<'_>) -> Option<Block> {
        let is_over = self.blocks.take().is_some_and(|blocks| blocks.is_over());
        if !self.stream.observed().has_finished() {
            return None;
        }
        if is_over {
            return Some(Block::of(END));
        }
        // Sources end with their server too, and the next one has them again.
        Some(self.poll_drained(cx).unwrap_or_else(|| Block::of(END)))
    }

    /// What the client is told when the server drains.
    fn poll_drained(&mut self, cx: &Context<'_>) -> Option<Block> {
        let Poll::Ready(spread) = self.stream.poll_drain(&self.alarm, cx) else { return None };
        self.stream.observed().ends(How::Drained);
        self.blocks = None;
        let retry = self.retry.saturating_add(millis(spread));
        Some(Block::of(&format!("retry: {retry}\n\n")))
    }

    /// What the response itself says when there is nothing to send.
    fn poll_block(&mut self, cx: &mut Context<'_>) -> Poll<Block> {
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.sleep(self.stream.began());
        }
        // Most wakes are a message's, and need not ask for drain and heartbeat again.
        if self.alarm.is_waiting(cx) {
            return Poll::Pending;
        }
        // Only when nothing is left to send: what was broadcast before the drain still goes out.
        if let Some(block) = self.poll_drained(cx) {
            return Poll::Ready(block);
        }
        let Some(heartbeat) = &self.heartbeat else { return Poll::Pending };
        ready!(heartbeat.poll_due(self.stream.began(), &mut self.alarm, cx));
        self.beat().map_or(Poll::Pending, Poll::Ready)
    }

    /// A heartbeat, while there is a stream.
    fn beat(&mut self) -> Option<Block> {
        let (heartbeat, blocks) = (self.heartbeat.as_mut()?, self.blocks.as_mut()?);
        heartbeat.slept = CompactInstant::new(self.stream.began(), Instant::now());
        let shown = self.shows.then(|| heartbeat::event(heartbeat.every));
        Some(blocks.heartbeat(shown))
    }
}

impl Heartbeat {
    fn new(every: u32, began: Instant) -> Self {
        Self { every, sent: false, slept: CompactInstant::new(began, Instant::now()) }
    }

    /// The body goes to sleep.
    fn sleep(&mut self, began: Instant) {
        if std::mem::take(&mut self.sent) {
            self.slept = CompactInstant::new(began, Instant::now());
        }
    }

    /// When the next one is due if nothing puts it off.
    fn due(&self, began: Instant) -> Instant {
        self.slept.instant(began) + Duration::from_millis(self.every.into())
    }

    fn is_due(&self, began: Instant) -> bool {
        self.due(began) <= Instant::now()
    }

    /// Ready after `every` without anything sent.
    fn poll_due(&self, began: Instant, alarm: &mut Alarm, cx: &mut Context<'_>) -> Poll<()> {
        // The alarm may ring early: not every message puts it off.
        while !self.is_due(began) {
            ready!(alarm.poll_by(self.due(began), cx));
        }
        Poll::Ready(())
    }
}

/// In milliseconds; more than 49 days are so many.
fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

impl Sending for SseBody {
    const UPGRADES: bool = false;
    const KIND: Option<&'static str> = Some(ConnectionKind::Sse.label());

    fn begins(&mut self) {
        if let Some(blocks) = &mut self.blocks {
            blocks.join();
        }
    }

    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.poll_bytes(Framing::Bare, cx)
    }

    fn poll_wire(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.poll_bytes(Framing::Chunks, cx)
    }

    fn take_down(&mut self, tally: Tally) {
        self.stream.observed().sent(tally.messages, tally.bytes);
        if let Some(heartbeat) = self.heartbeat.as_mut().filter(|_| !self.shows) {
            heartbeat.slept = CompactInstant::new(self.stream.began(), tally.at);
        }
    }

    fn relay_into(&mut self, sink: &Arc<dyn Sink>) {
        self.stream.goes_over(sink);
        if let Some(blocks) = &mut self.blocks {
            blocks.relay_into(sink);
        }
    }

    fn is_quiet(&self) -> bool {
        self.blocks.as_ref().is_some_and(|blocks| blocks.is_quiet())
    }

    fn is_roused(&self, cx: &Context<'_>) -> bool {
        !self.alarm.is_waiting(cx)
    }

    /// A client says nothing on an event stream.
    fn take_over(&mut self, sink: &Arc<SocketSink>, _: &mut Context<'_>) -> bool {
        self.relay_into(&sink.for_relays());
        true
    }
}
