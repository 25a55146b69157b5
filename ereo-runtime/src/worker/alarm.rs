//! One connection's alarm.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep_until};

use super::clock::Clock;

/// Wakes its connection's task at a moment, and when the server drains.
#[derive(Debug)]
pub(crate) struct Alarm(Kind);

#[derive(Debug)]
enum Kind {
    /// By the clock of its thread.
    Shared { clock: Arc<Clock>, key: u32 },
    /// A timer of its own, where the server has no clock, since it is not `.realtime(..)`.
    Own(Option<Pin<Box<Sleep>>>),
}

impl Alarm {
    pub(super) fn by(clock: Arc<Clock>) -> Self {
        let key = clock.enter();
        Self(Kind::Shared { clock, key })
    }

    /// Without a server.
    pub(crate) fn own() -> Self {
        Self(Kind::Own(None))
    }

    /// Ready once `deadline` has come, or an earlier moment that was asked for before: who puts a
    /// moment off need not say so. The one who asks next sets it anew.
    pub(crate) fn poll_by(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            Kind::Shared { clock, key } => clock.poll_by(*key, deadline, cx),
            Kind::Own(sleep) => {
                let timer = sleep.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
                if timer.deadline() > deadline {
                    timer.as_mut().reset(deadline);
                }
                ready!(timer.as_mut().poll(cx));
                *sleep = None;
                Poll::Ready(())
            }
        }
    }

    /// The task is woken when the server drains.
    pub(crate) fn watch(&self, cx: &Context<'_>) {
        if let Kind::Shared { clock, key } = &self.0 {
            clock.watch(*key, cx);
        }
    }

    /// True if this task will be woken, and was not yet. Cheaper than to ask again for what is asked
    /// for already; `false` where that is not known.
    pub(crate) fn is_waiting(&self, cx: &Context<'_>) -> bool {
        match &self.0 {
            Kind::Shared { clock, key } => clock.is_waiting(*key, cx),
            Kind::Own(_) => false,
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Kind::Shared { clock, key } = &self.0 {
            clock.leave(*key);
        }
    }
}
