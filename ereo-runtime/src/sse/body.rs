//! What a response sends: blocks, heartbeats, and the end when the server drains.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep_until};

use super::block::{Block, Outgoing};
use super::blocks::Blocks;
use crate::broadcast::Framing;
use crate::server::{ConnectionKind, OpenStream, Outlet, Sending};

/// Ends when its source ends, when the server drains, or when the client leaves (it is dropped).
pub(super) struct SseBody {
    /// Gone once the stream has ended, so that the client leaves its set at once.
    blocks: Option<Box<dyn Blocks>>,
    opened: bool,
    retry: Duration,
    heartbeat: Option<Heartbeat>,
    /// Who is woken by the drain and the heartbeat.
    waits: Option<Waker>,
    /// Tells when the server drains, and is told what is sent.
    stream: OpenStream,
    /// Where others may write for it, on the lean path.
    outlet: Option<Arc<Outlet>>,
}

struct Heartbeat {
    every: Duration,
    /// Set to the moment at which a comment is due, or earlier: not every message puts it off.
    timer: Pin<Box<Sleep>>,
    /// Whether something was sent since the body last went to sleep, and when that was.
    sent: bool,
    slept: Instant,
}

impl SseBody {
    pub(super) fn new(
        blocks: Box<dyn Blocks>,
        retry: Duration,
        heartbeat: Option<Duration>,
        stream: OpenStream,
    ) -> Self {
        let heartbeat = heartbeat.map(Heartbeat::new);
        Self {
            blocks: Some(blocks),
            opened: false,
            retry,
            heartbeat,
            waits: None,
            stream,
            outlet: None,
        }
    }

    /// Takes down what others have sent.
    fn take_down(&mut self) {
        let Some(tally) = self.outlet.as_ref().and_then(|outlet| outlet.tally()) else { return };
        self.stream.observed().sent(tally.messages, tally.bytes);
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.slept = tally.at;
        }
    }

    fn poll_bytes(&mut self, framing: Framing, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.take_down();
        let outgoing = ready!(self.poll_outgoing(framing, cx));
        if let Some(outgoing) = &outgoing {
            let (messages, bytes) = outgoing.counts();
            self.stream.observed().sent(messages, bytes);
            if let Some(heartbeat) = &mut self.heartbeat {
                heartbeat.sent = true;
            }
        }
        Poll::Ready(outgoing.map(|outgoing| outgoing.into_bytes(framing)))
    }

    fn poll_outgoing(&mut self, framing: Framing, cx: &mut Context<'_>) -> Poll<Option<Outgoing>> {
        let Some(blocks) = &mut self.blocks else { return Poll::Ready(None) };
        if !std::mem::replace(&mut self.opened, true) {
            return Poll::Ready(Some(Outgoing::Block(blocks.opening(millis(self.retry)))));
        }
        if let Poll::Ready(outgoing) = blocks.poll_outgoing(framing, cx, self.stream.observed()) {
            if outgoing.is_none() {
                self.blocks = None;
            }
            return Poll::Ready(outgoing);
        }
        self.poll_block(cx).map(|block| Some(Outgoing::Block(block)))
    }

    /// What the response itself says when there is nothing to send.
    fn poll_block(&mut self, cx: &mut Context<'_>) -> Poll<Block> {
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.sleep();
        }
        if self.is_waiting(cx) {
            return Poll::Pending;
        }
        // Only when nothing is left to send: what was broadcast before the drain still goes out.
        if let Poll::Ready(spread) = self.stream.poll_drain(cx) {
            self.stream.observed().ends("drained");
            self.blocks = None;
            let retry = millis(self.retry.saturating_add(spread));
            return Poll::Ready(Block::of(&format!("retry: {retry}\n\n")));
        }
        match (&mut self.heartbeat, &mut self.blocks) {
            (Some(heartbeat), Some(blocks)) => heartbeat.poll_due(cx).map(|()| blocks.heartbeat()),
            _ => Poll::Pending,
        }
    }

    /// Whether drain and heartbeat will wake this task and have not yet: most wakes are a message's,
    /// and need not ask both again.
    fn is_waiting(&mut self, cx: &Context<'_>) -> bool {
        if !self.waits.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            self.waits = Some(cx.waker().clone());
            return false;
        }
        let due = self.heartbeat.as_ref().is_some_and(|heartbeat| heartbeat.timer.is_elapsed());
        !due && !self.stream.is_draining()
    }
}

impl Heartbeat {
    fn new(every: Duration) -> Self {
        let slept = Instant::now();
        Self { every, timer: Box::pin(sleep_until(far(slept, every))), sent: true, slept }
    }

    /// The body goes to sleep.
    fn sleep(&mut self) {
        if std::mem::take(&mut self.sent) {
            self.slept = Instant::now();
        }
    }

    /// Ready after `every` without anything sent.
    fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            let due = far(self.slept, self.every);
            if due <= Instant::now() {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(due);
        }
    }
}

/// `every` after `moment`; a heartbeat beyond what a clock can hold never comes.
fn far(moment: Instant, every: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    moment + every.min(YEAR)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Sending for SseBody {
    const UPGRADES: bool = false;
    const KIND: ConnectionKind = ConnectionKind::Sse;

    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.poll_bytes(Framing::Bare, cx)
    }

    fn poll_wire(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.poll_bytes(Framing::Chunks, cx)
    }

    /// A client says nothing on an event stream.
    fn take_over(&mut self, outlet: &Arc<Outlet>, _: &mut Context<'_>) -> bool {
        self.outlet = Some(Arc::clone(outlet));
        if let Some(blocks) = &mut self.blocks {
            blocks.over(outlet);
        }
        true
    }
}

impl Drop for SseBody {
    fn drop(&mut self) {
        self.take_down();
    }
}
