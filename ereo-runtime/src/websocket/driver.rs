//! Reads what comes, runs the handler, and watches the clock.

mod credentials;
mod timing;

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::time::Instant;

use timing::Timing;

use super::close::{CloseCode, CloseReason};
use super::error::SocketError;
use super::frame::{OpCode, encode};
use super::link::{Link, Stage};
use super::millis::Millis;
use super::options::Options;
use super::outcome::fail;
use super::rate::Rate;
use super::reader::{Event, ReadError, Reader};
use crate::message::Frame;
use crate::panicked::panic_message;
use crate::server::{Alarm, Observed, SocketRates};

/// An empty ping (RFC 6455 section 5.5.2).
const PING: Bytes = Bytes::from_static(&[0x89, 0]);

pub(super) type Handler = Pin<Box<dyn Future<Output = Result<(), SocketError>>>>;

/// Ends when the connection has ended and the handler has returned, or its grace is over.
pub(super) struct Driver {
    link: Link,
    timing: Timing,
    reader: Reader,
    rate: Option<Box<Rate>>,
    handler: Option<Handler>,
    /// Set to the earliest moment at which there may be something to do, or earlier: it is not reset
    /// by every message that puts that moment off.
    alarm: Alarm,
    /// Since when the stage is what it is; in [`Stage::Open`], when the peer was last heard of.
    since: Instant,
    /// How long after it was heard of the peer was pinged.
    pinged: Millis,
    /// The stage as last seen here.
    stage: Stage,
    reads: bool,
}

impl Driver {
    pub(super) fn new(link: Link, options: &Options, rates: SocketRates, handler: Handler) -> Self {
        let now = Instant::now();
        Self {
            timing: Timing::of(options),
            reader: Reader::new(options.max_message).inflating(link.outbound().agreement()),
            rate: Rate::limiting(rates, now),
            handler: Some(handler),
            alarm: link.alarm(),
            since: now,
            pinged: Millis::ZERO,
            stage: link.stage(),
            reads: true,
            link,
        }
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>) {
        if self.stage == Stage::Open
            && let Poll::Ready(spread) = self.link.poll_drain(&self.alarm, cx)
        {
            let told = format!("the server restarts; retry in {} ms", spread.as_millis());
            self.timing.drains();
            self.link.close(CloseCode::RESTART, &told, CloseReason::Drain);
            // Looked at once more before the task waits: the stage is not `Open` then.
            self.stage = self.link.stage();
            self.since = Instant::now();
        }
    }

    /// Reads until nothing is there, the handler has enough to do, or the connection ends. An error
    /// counts once the handler was polled with what came before it, so that an answer that needs no
    /// waiting still goes out ahead of the close frame.
    fn poll_incoming(&mut self, cx: &mut Context<'_>) -> Result<(), ReadError> {
        let mut input = self.link.incoming().take_back();
        loop {
            if self.link.stage() == Stage::Ended {
                // Nobody reading, actix throws away what still comes.
                self.stop_reading();
            }
            if !self.reads {
                return Ok(());
            }
            if !self.link.has_room() {
                self.link.incoming().give_back(input);
                // Not the peer's silence, but our deafness. Only the body can tell now that it is gone.
                self.hears(Instant::now());
                if self.link.body_gone() || self.link.incoming().poll_reset(cx).is_ready() {
                    self.link.input_ended();
                    self.stop_reading();
                }
                return Ok(());
            }
            if let Some(event) = self.reader.next(&mut input)? {
                let within = self.rate.as_mut().is_none_or(|rate| rate.message(Instant::now()));
                self.read(event);
                if !within {
                    self.too_fast();
                }
                continue;
            }
            match self.link.incoming().poll_chunk(cx) {
                Poll::Ready(Some(chunk)) => {
                    let now = Instant::now();
                    self.hears(now);
                    let within = self.rate.as_mut().is_none_or(|rate| rate.bytes(chunk.len(), now));
                    input = chunk;
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
                Poll::Pending => return Ok(()),
            }
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

    /// Closes the connection: what came so far is still the handler's, the rest is not read.
    fn too_fast(&self) {
        if self.link.stage() != Stage::Open {
            return;
        }
        self.link.tell(Observed::is_too_fast);
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
        let polled =
            catch_unwind(AssertUnwindSafe(|| self.link.in_scope(|| handler.as_mut().poll(cx))));
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
        let dropped = catch_unwind(AssertUnwindSafe(|| self.link.in_scope(|| drop(handler))));
        if dropped.is_err() {
            tracing::error!(connection = %self.link.id(), "dropping a WebSocket handler panicked");
        }
    }

    /// When there is something to do if nothing happens until then.
    fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Open => {
                let pinged = self.pinged.after(self.since);
                let ping = pinged.and_then(|pinged| self.timing.ping.after(pinged));
                let idle = self.timing.idle.after(self.since);
                [ping, idle].into_iter().flatten().min()
            }
            Stage::Answering | Stage::Ended => self.timing.grace.after(self.since),
            Stage::Closing => self.timing.close.after(self.since),
            Stage::Failing => self.timing.linger().after(self.since),
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
                if self.timing.idle.after(self.since).is_some_and(|end| end <= now) {
                    let told = "nothing was heard of the peer";
                    self.link.abort(CloseCode::GOING_AWAY, told, CloseReason::Idle);
                } else {
                    self.pinged = (now - self.since).into();
                    self.link.rests();
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
            this.poll_drain(cx);
            this.poll_credentials(cx);
            let failed = this.poll_incoming(cx).err();
            let full = !this.link.has_room();
            let running = this.handler.is_some();
            this.poll_handler(cx);
            this.link.answer_unheard();
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
        self.link.incoming().close();
        drop(self.link.take_credentials());
        if let Some(reason) = self.link.reason() {
            self.link.tell(|observed| observed.ends(reason.how()));
        }
        // What else its task has must still be dropped: a panic of the user's goes no further.
        self.drop_handler();
        self.link.driver_dropped();
    }
}
