//! Reads what comes, runs the handler, and watches the clock.

mod reading;
mod timing;

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::time::Instant;

use timing::{Seconds, Timing};

use super::close::{CloseCode, CloseReason};
use super::error::SocketError;
use super::link::Link;
use super::millis::Millis;
use super::options::Options;
use super::outcome::fail;
use super::rate::Rate;
use super::reader::Reader;
use super::stage::Stage;
use crate::charge::paying;
use crate::panicked::panic_message;
use crate::server::{Observed, SocketRates};
use crate::worker::Alarm;
use crate::{broadcast, budget};

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
    /// How long a message may take from its first byte to its last.
    message: Seconds,
    /// The stage as last seen here.
    stage: Stage,
    reads: bool,
}

impl Driver {
    /// `shows` heartbeats to a client that asks for them.
    pub(super) fn new(
        link: Link,
        options: &Options,
        rates: SocketRates,
        shows: bool,
        handler: Handler,
    ) -> Self {
        let now = Instant::now();
        let timing = Timing::of(options);
        if shows {
            // Before anything else: it tells the page how often they come.
            link.beats(timing.ping, now);
        }
        Self {
            timing,
            reader: Reader::new(options.max_message).inflating(link.outbound().agreement()),
            rate: Rate::limiting(rates, now),
            handler: Some(handler),
            alarm: link.alarm(),
            since: now,
            pinged: Millis::ZERO,
            message: Seconds::of(options.get_message_timeout()),
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
            self.link.close(CloseCode::SERVICE_RESTART, &told, CloseReason::Drain);
            // Looked at once more before the task waits: the stage is not `Open` then.
            self.stage = self.link.stage();
            self.since = Instant::now();
        }
    }

    fn poll_handler(&mut self, cx: &mut Context<'_>) {
        let Some(handler) = &mut self.handler else {
            return;
        };
        // After a panic the handler is dropped and not looked at again; what it shares with others
        // (mutexes) poisons as in any thread.
        let poll = || self.link.in_scope(|| handler.as_mut().poll(cx));
        let poll = || paying(self.link.payer(), poll);
        let polled = catch_unwind(AssertUnwindSafe(|| broadcast::watch(poll)));
        let polled = polled.map(|(polled, pressed)| {
            if let Some(pressed) = pressed {
                self.link.is_pressed(pressed);
                // Its readers have their turn before they are looked at.
                budget::spend_all();
            }
            polled
        });
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
    fn deadline(&mut self) -> Option<Instant> {
        match self.stage {
            Stage::Open => {
                let idle = self.timing.idle.after(self.since);
                let beat = self.link.next_beat();
                [self.ping_at(), idle, beat, self.late_at(), self.link.eases_until()]
                    .into_iter()
                    .flatten()
                    .min()
            }
            Stage::Answering | Stage::Ended => self.timing.grace.after(self.since),
            Stage::Closing => self.timing.close.after(self.since),
            Stage::Failing => self.timing.linger().after(self.since),
        }
    }

    /// When the peer is pinged, if it is silent until then.
    fn ping_at(&self) -> Option<Instant> {
        self.timing.ping.after(self.pinged.after(self.since)?)
    }

    /// When a message that the peer has begun must be there as a whole.
    fn late_at(&mut self) -> Option<Instant> {
        // Of a connection that reads nothing in part no clock is asked.
        self.message.after(self.reader.begun_at(Instant::now)?)
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
                let eased = self.link.eases_until().is_some_and(|until| until <= now);
                self.due(now);
                if eased || self.link.stage() != self.stage || self.handler.is_none() {
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
                } else if self.late_at().is_some_and(|late| late <= now) {
                    self.too_slow();
                } else if self.link.next_beat().is_some_and(|beat| beat <= now) {
                    self.link.beats(self.timing.ping, now);
                } else if self.ping_at().is_some_and(|ping| ping <= now) {
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

    /// Closes once the client's credentials have ended. Whoever renews them is user code.
    fn poll_credentials(&mut self, cx: &mut Context<'_>) {
        let Some(mut credentials) = self.link.take_credentials() else { return };
        if self.link.stage() == Stage::Open {
            match catch_unwind(AssertUnwindSafe(|| credentials.poll_ended(cx))) {
                Ok(Poll::Pending) => return self.link.keep_credentials(credentials),
                Ok(Poll::Ready(())) => {
                    self.link.close(CloseCode::UNAUTHORIZED, "expired", CloseReason::Expired);
                    self.link.tell(Observed::expires);
                }
                Err(panic) => self.panicked(&*panic),
            }
        }
        if catch_unwind(AssertUnwindSafe(|| drop(credentials))).is_err() {
            tracing::error!(connection = %self.link.id(), "dropping `refresh` panicked");
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
            if budget::is_spent() {
                cx.waker().wake_by_ref();
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
