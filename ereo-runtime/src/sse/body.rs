//! What a response sends: blocks, heartbeats, and the end when the server drains.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::block::Block;
use super::blocks::Blocks;
use crate::server::{ConnectionKind, OpenStream, Sending};

/// Ends when its source ends, when the server drains, or when the client leaves (it is dropped).
pub(super) struct SseBody {
    /// Gone once the stream has ended, so that the client leaves its set at once.
    blocks: Option<Box<dyn Blocks>>,
    opened: bool,
    retry: Duration,
    heartbeat: Option<Heartbeat>,
    /// Tells when the server drains, and is told what is sent.
    stream: OpenStream,
}

struct Heartbeat {
    every: Duration,
    timer: Pin<Box<Sleep>>,
    /// Whether something was sent since the body last went to sleep.
    sent: bool,
}

impl SseBody {
    pub(super) fn new(
        blocks: Box<dyn Blocks>,
        retry: Duration,
        heartbeat: Option<Duration>,
        stream: OpenStream,
    ) -> Self {
        let heartbeat = heartbeat.map(Heartbeat::new);
        Self { blocks: Some(blocks), opened: false, retry, heartbeat, stream }
    }

    fn poll_block(&mut self, cx: &mut Context<'_>) -> Poll<Option<Block>> {
        let block = self.next(cx);
        if let Poll::Ready(Some(sent)) = &block {
            self.stream.observed().sends(sent.len());
            if let Some(heartbeat) = &mut self.heartbeat {
                heartbeat.sent = true;
            }
        }
        block
    }

    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Block>> {
        let Some(blocks) = &mut self.blocks else { return Poll::Ready(None) };
        if !std::mem::replace(&mut self.opened, true) {
            return Poll::Ready(Some(blocks.opening(millis(self.retry))));
        }
        if let Poll::Ready(block) = blocks.poll_block(cx, self.stream.observed()) {
            if block.is_none() {
                self.blocks = None;
            }
            return Poll::Ready(block);
        }
        // Only when nothing is left to send: what was broadcast before the drain still goes out.
        if let Poll::Ready(spread) = self.stream.poll_drain(cx) {
            self.stream.observed().ends("drained");
            self.blocks = None;
            let retry = millis(self.retry.saturating_add(spread));
            return Poll::Ready(Some(Block::of(&format!("retry: {retry}\n\n"))));
        }
        match &mut self.heartbeat {
            Some(heartbeat) => heartbeat.poll_due(cx).map(|()| Some(blocks.heartbeat())),
            None => Poll::Pending,
        }
    }
}

impl Heartbeat {
    fn new(every: Duration) -> Self {
        Self { every, timer: Box::pin(sleep_until(far(every))), sent: true }
    }

    /// Ready after `every` without anything sent. The timer is not touched for each message, only
    /// when the body goes to sleep after some.
    fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::take(&mut self.sent) {
            self.timer.as_mut().reset(far(self.every));
        }
        self.timer.as_mut().poll(cx).map(|()| self.sent = true)
    }
}

/// `every` from now; a heartbeat beyond what a clock can hold never comes.
fn far(every: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    Instant::now() + every.min(YEAR)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Sending for SseBody {
    const TAKES_OVER: bool = false;
    const KIND: ConnectionKind = ConnectionKind::Sse;

    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.poll_block(cx).map(|block| block.map(|block| block.events()))
    }

    fn poll_wire(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.poll_block(cx).map(|block| block.map(Block::into_chunk))
    }

    /// A client says nothing on an event stream.
    fn take_over(&mut self, _: &Rc<TcpStream>, _: &mut Context<'_>) -> bool {
        false
    }
}
