//! The clock of one thread: one timer for all of its connections.
//!
//! A timer of the runtime's takes more memory than all else that an idle connection waits with; a
//! sleeper here is its waker and a moment. The clock wakes all of them when the server drains, too.

use std::collections::BTreeSet;
use std::future::Future;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::sync::{Mutex, lock};
use crate::tended::Tended;

/// Only its own thread takes the lock: that it can be shared lets a server hold it.
#[derive(Debug)]
pub(super) struct Clock {
    since: Instant,
    state: Mutex<State>,
}

/// In nanoseconds since the clock began, and one. Half of an `Instant`, and every connection has two.
type Moment = NonZeroU64;

/// In place of a sleeper's moment: it has come.
const RUNG: Moment = Moment::MAX;

/// In place of a sleeper's moment: it has not said any. Later than all that can be said.
const NEVER: Moment = Moment::MIN.saturating_add(u64::MAX - 2);

#[derive(Debug, Default)]
struct State {
    sleepers: Tended<Sleeper>,
    /// When sleepers are to be woken, and who. There are fewer of them than numbers.
    due: BTreeSet<(Moment, u32)>,
}

#[derive(Debug)]
pub(super) struct Sleeper {
    waker: Option<Waker>,
    /// When it is due.
    at: Moment,
}

impl Clock {
    /// A clock that ends once nobody is left; somebody is to enter at once.
    pub(super) fn start(draining: CancellationToken) -> Arc<Self> {
        let clock = Arc::new(Self { since: Instant::now(), state: Mutex::default() });
        actix_web::rt::spawn(Ticking {
            clock: Arc::clone(&clock),
            draining: Some(Box::pin(draining.cancelled_owned())),
            sleep: Box::pin(sleep_until(Instant::now())),
        });
        clock
    }

    /// What was before the clock is its first moment, what comes in five hundred years its last.
    fn moment(&self, instant: Instant) -> Moment {
        let nanos = instant.saturating_duration_since(self.since).as_nanos();
        let nanos = u64::try_from(nanos).unwrap_or(u64::MAX).min(NEVER.get() - 2);
        Moment::MIN.saturating_add(nanos)
    }

    fn instant(&self, moment: Moment) -> Instant {
        self.since + Duration::from_nanos(moment.get() - 1)
    }

    pub(super) fn enter(&self) -> u32 {
        lock(&self.state).sleepers.all.insert(Sleeper::new())
    }

    pub(super) fn leave(&self, key: u32) {
        let mut state = lock(&self.state);
        let at = state.sleepers.all[key].at;
        state.due.remove(&(at, key));
        let left = state.sleepers.leave(key);
        drop(state);
        left.finish();
    }

    /// Ready once `deadline`, or an earlier moment that was asked for before, has come; until then the
    /// task is woken for that.
    pub(super) fn poll_by(&self, key: u32, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.moment(deadline);
        let mut state = lock(&self.state);
        let State { sleepers, due } = &mut *state;
        let sleeper = &mut sleepers.all[key];
        if sleeper.at == RUNG {
            // It waits for nothing before it asks again.
            *sleeper = Sleeper::new();
            return Poll::Ready(());
        }
        sleeper.watch(cx);
        if sleeper.at <= deadline {
            return Poll::Pending;
        }
        let later = std::mem::replace(&mut sleeper.at, deadline);
        due.remove(&(later, key));
        due.insert((deadline, key));
        // The clock sleeps until another's moment, which may be too late.
        let first = due.first() == Some(&(deadline, key));
        let task = if first { sleepers.take_task() } else { None };
        drop(state);
        if let Some(task) = task {
            task.wake();
        }
        Poll::Pending
    }

    /// The task is woken when the server drains.
    pub(super) fn watch(&self, key: u32, cx: &Context<'_>) {
        lock(&self.state).sleepers.all[key].watch(cx);
    }

    /// Whether this task will be woken and the clock has not done so yet.
    pub(super) fn is_waiting(&self, key: u32, cx: &Context<'_>) -> bool {
        let sleeper = &lock(&self.state).sleepers.all[key];
        let waits = sleeper.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
        waits && sleeper.at != RUNG
    }

    /// When the next sleeper is due, or what else the task is to do.
    fn next(&self, cx: &Context<'_>) -> Next {
        let mut state = lock(&self.state);
        if state.sleepers.is_deserted(cx.waker()) {
            return Next::End;
        }
        state.due.first().map_or(Next::Nothing, |(at, _)| Next::At(self.instant(*at)))
    }

    /// Those who are due by now.
    fn ring(&self, now: Instant) -> Vec<Waker> {
        let now = self.moment(now);
        let mut state = lock(&self.state);
        let State { sleepers, due } = &mut *state;
        let later = due.split_off(&(now, u32::MAX));
        let rung = std::mem::replace(due, later);
        let ring = |(_, key)| {
            let sleeper: &mut Sleeper = &mut sleepers.all[key];
            sleeper.at = RUNG;
            sleeper.waker.take()
        };
        rung.into_iter().filter_map(ring).collect()
    }

    /// All of them.
    fn all(&self) -> Vec<Waker> {
        let mut state = lock(&self.state);
        state.sleepers.all.iter_mut().filter_map(|sleeper| sleeper.waker.take()).collect()
    }
}

impl Sleeper {
    fn new() -> Self {
        Self { waker: None, at: NEVER }
    }

    fn watch(&mut self, cx: &Context<'_>) {
        match &mut self.waker {
            // A task's waker: neither its clone nor its drop comes back to here.
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
    }
}

enum Next {
    At(Instant),
    Nothing,
    End,
}

/// The task of a clock.
struct Ticking {
    clock: Arc<Clock>,
    /// Gone once the server drains.
    draining: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    sleep: Pin<Box<Sleep>>,
}

impl Future for Ticking {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if let Some(draining) = &mut this.draining
            && draining.as_mut().poll(cx).is_ready()
        {
            this.draining = None;
            wake(this.clock.all());
        }
        loop {
            let at = match this.clock.next(cx) {
                Next::At(at) => at,
                Next::Nothing => return Poll::Pending,
                Next::End => return Poll::Ready(()),
            };
            if this.sleep.deadline() != at || this.sleep.is_elapsed() {
                this.sleep.as_mut().reset(at);
            }
            ready!(this.sleep.as_mut().poll(cx));
            wake(this.clock.ring(Instant::now()));
        }
    }
}

fn wake(woken: Vec<Waker>) {
    for waker in woken {
        waker.wake();
    }
}
