//! The one task of a connection: reads what comes, runs the handler, and watches the clock.

mod credentials;

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::close::{CloseCode, CloseReason};
use super::error::SocketError;
use super::frame::{OpCode, encode};
use super::incoming::Incoming;
use super::link::{Link, Stage};
use super::options::Options;
use super::outcome::{fail, panic_message};
use super::rate::Rate;
use super::reader::{Event, ReadError, Reader};
use crate::expiry::Credentials;
use crate::message::Frame;
use crate::server::{Alarm, OpenStream};

/// How long bytes of a peer that broke the protocol are thrown away before the connection is closed
/// below; see [`Stage::Failing`]. A few round trips.
const LINGER: Duration = Duration::from_millis(500);

/// How long a draining server waits for a peer's close frame: a few round trips, well within the part
/// of the drain's time that the clients have.
const DRAIN_CLOSE: Duration = Duration::from_secs(2);

/// An empty ping (RFC 6455 section 5.5.2).
const PING: Bytes = Bytes::from_static(&[0x89, 0]);

pub(super) type Handler = Pin<Box<dyn Future<Output = Result<(), SocketError>>>>;

/// Ends when the connection has ended and the handler has returned, or its grace is over.
pub(super) struct Driver {
    link: Link,
    timing: Timing,
    reader: Reader,
    rate: Rate,
    incoming: Option<Incoming>,
    /// An error of the reader. It counts once the handler was polled with what came before it, so
    /// that an answer that needs no waiting still goes out ahead of the close frame.
    failed: Option<ReadError>,
    handler: Option<Handler>,
    /// Counts the connection as open; taken when the driver is done.
    open: Option<OpenStream>,
    /// Where the client's credentials end.
    credentials: Option<Box<Credentials>>,
    /// Set to the earliest moment at which there may be something to do, or earlier: it is not reset
    /// by every message that puts that moment off.
    alarm: Alarm,
    /// When the peer was last heard of.
    heard: Instant,
    pinged: Instant,
    /// The stage as last seen here, and since when.
    stage: Stage,
    since: Instant,
}

#[derive(Debug, Clone, Copy)]
struct Timing {
    ping: Option<Duration>,
    idle: Option<Duration>,
    close: Duration,
    grace: Duration,
}

impl Driver {
    pub(super) fn new(
        link: Link,
        incoming: Incoming,
        options: Options,
        open: Option<OpenStream>,
        handler: Handler,
    ) -> Self {
        let now = Instant::now();
        let Options { ping, idle, close_timeout, grace, .. } = options;
        // A peer that is silent by right must be asked before it is given up for its silence.
        let ping = match (ping, idle) {
            (Some(ping), Some(idle)) if ping >= idle => Some(idle / 2),
            (ping, _) => ping,
        };
        Self {
            stage: link.stage(),
            timing: Timing { ping, idle, close: close_timeout, grace },
            reader: Reader::new(options.max_message).inflating(link.outbound().agreement()),
            rate: Rate::new(open.as_ref().map(OpenStream::socket_rates).unwrap_or_default(), now),
            incoming: Some(incoming),
            failed: None,
            handler: Some(handler),
            alarm: open.as_ref().map_or_else(Alarm::own, OpenStream::alarm),
            open,
            credentials: None,
            heard: now,
            pinged: now,
            since: now,
            link,
        }
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>) {
        if self.stage == Stage::Open
            && let Some(open) = &self.open
            && let Poll::Ready(spread) = open.poll_drain(&self.alarm, cx)
        {
            let told = format!("the server restarts; retry in {} ms", spread.as_millis());
            self.timing.close = self.timing.close.min(DRAIN_CLOSE);
            self.link.close(CloseCode::RESTART, &told, CloseReason::Drain);
            // Looked at once more before the task waits: the stage is not `Open` then.
            self.stage = self.link.stage();
            self.since = Instant::now();
        }
    }

    /// Reads until nothing is there, the handler has enough to do, or the connection ends.
    fn poll_incoming(&mut self, cx: &mut Context<'_>) {
        loop {
            if self.link.stage() == Stage::Ended {
                // Nobody reading, actix throws away what still comes.
                self.stop_reading();
            }
            let Some(incoming) = &self.incoming else {
                return;
            };
            if !self.link.has_room() {
                // Not the peer's silence, but our deafness. Only the body can tell now that it is gone.
                self.heard = Instant::now();
                if self.link.body_gone() || incoming.poll_reset(cx).is_ready() {
                    self.link.input_ended();
                    self.stop_reading();
                }
                return;
            }
            match self.reader.next() {
                Ok(Some(event)) => {
                    let within = self.rate.message(Instant::now());
                    self.read(event);
                    if !within {
                        self.too_fast();
                    }
                }
                Err(error) => {
                    self.failed = Some(error);
                    return;
                }
                Ok(None) => match incoming.poll_chunk(cx) {
                    Poll::Ready(Some(chunk)) => {
                        self.heard = Instant::now();
                        let within = self.rate.bytes(chunk.len(), self.heard);
                        self.reader.feed(chunk);
                        if !within {
                            self.too_fast();
                        }
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
                    Poll::Pending => return,
                },
            }
        }
    }

    fn stop_reading(&mut self) {
        if let Some(incoming) = self.incoming.take() {
            incoming.close();
        }
    }

    /// Closes the connection: what came so far is still the handler's, the rest is not read.
    fn too_fast(&self) {
        if self.link.stage() != Stage::Open {
            return;
        }
        if let Some(open) = &self.open {
            open.observed().is_too_fast();
        }
        let (code, told) = (CloseCode::POLICY, "too fast");
        self.link.close(code, told, CloseReason::Local { code, reason: told.into() });
    }

    fn read(&self, event: Event) {
        match event {
            Event::Text(text) => self.link.deliver(Frame::Text(text)),
            Event::Binary(bytes) => self.link.deliver(Frame::Binary(bytes)),
            Event::Ping(payload) => self.link.outbox().push_control(encode(OpCode::Pong, &payload)),
            Event::Pong(_) => {}
            Event::Close(code, reason) => self.link.peer_closes(code, reason),
        }
    }

    fn poll_handler(&mut self, cx: &mut Context<'_>) {
        let Some(handler) = &mut self.handler else {
            return;
        };
        // After a panic the handler is dropped and not looked at again; what it shares with others
        // (mutexes) poisons as in any thread.
        let polled = catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx)));
        let result = match polled {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(result)) => result,
            Err(panic) => {
                self.drop_handler();
                self.panicked(&*panic);
                return;
            }
        };
        self.drop_handler();
        match result {
            Ok(()) => self.link.close(CloseCode::NORMAL, "", CloseReason::Finished),
            Err(error) => fail(&self.link, &error),
        }
    }

    fn panicked(&self, panic: &(dyn Any + Send)) {
        let panic = panic_message(panic);
        tracing::error!(connection = %self.link.id(), panic, "a WebSocket handler panicked");
        self.link.close(CloseCode::INTERNAL, "internal error", CloseReason::Panicked);
    }

    /// Drops the handler, whose destructors are user code too.
    fn drop_handler(&mut self) {
        let handler = self.handler.take();
        if catch_unwind(AssertUnwindSafe(|| drop(handler))).is_err() {
            tracing::error!(connection = %self.link.id(), "dropping a WebSocket handler panicked");
        }
    }

    /// When there is something to do if nothing happens until then.
    fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Open => {
                let ping = self.timing.ping.map(|every| self.heard.max(self.pinged) + every);
                let idle = self.timing.idle.map(|timeout| self.heard + timeout);
                [ping, idle].into_iter().flatten().min()
            }
            Stage::Answering | Stage::Ended => Some(self.since + self.timing.grace),
            Stage::Closing => Some(self.since + self.timing.close),
            Stage::Failing => Some(self.since + LINGER.min(self.timing.close)),
        }
    }

    /// Does what is due. Whether it was anything that the rest should look at.
    fn poll_clock(&mut self, cx: &mut Context<'_>) -> bool {
        let stage = self.link.stage();
        if stage != self.stage {
            self.stage = stage;
            self.since = Instant::now();
        }
        while let Some(deadline) = self.deadline()
            && self.alarm.poll_by(deadline, cx).is_ready()
        {
            let now = Instant::now();
            if deadline <= now {
                self.due(now);
                if self.link.stage() != self.stage || self.handler.is_none() {
                    return true;
                }
            }
        }
        false
    }

    fn due(&mut self, now: Instant) {
        match self.stage {
            Stage::Open => {
                if self.timing.idle.is_some_and(|timeout| self.heard + timeout <= now) {
                    let told = "nothing was heard of the peer";
                    self.link.abort(CloseCode::GOING_AWAY, told, CloseReason::Idle);
                } else {
                    self.pinged = now;
                    self.link.outbox().push_control(PING);
                }
            }
            Stage::Answering => self.link.answer(),
            // The peer does not answer; what is queued it will not read either.
            Stage::Closing => {
                self.link.outbox().clear();
                self.link.leave_all();
                self.link.end();
            }
            Stage::Failing => self.link.end(),
            Stage::Ended => {
                if self.handler.is_some() {
                    tracing::warn!(
                        connection = %self.link.id(),
                        "a WebSocket handler went on after its connection had ended, and is dropped",
                    );
                }
                self.drop_handler();
            }
        }
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        loop {
            this.link.register_driver(cx);
            this.poll_drain(cx);
            this.poll_credentials(cx);
            this.poll_incoming(cx);
            let full = !this.link.has_room();
            let running = this.handler.is_some();
            this.poll_handler(cx);
            this.link.answer_unheard();
            let failed = this.failed.take();
            if let Some(error) = failed {
                this.link.read_failed(error);
            }
            let due = this.poll_clock(cx);
            if this.handler.is_none() && this.link.stage() == Stage::Ended {
                return Poll::Ready(());
            }
            // The handler may have made room to read into, or returned, or the clock ended something.
            let room = full && this.link.has_room();
            if !(room || due || failed.is_some() || running != this.handler.is_some()) {
                return Poll::Pending;
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Ended already, unless the runtime drops the task: then nobody will read any more.
        self.link.end();
        // The server's drain waits until the close frame is written too.
        let open = self.open.take();
        if let (Some(open), Some(reason)) = (&open, self.link.reason()) {
            open.observed().ends(reason.label());
        }
        self.link.hand_over(open);
    }
}
