//! The clock of one thread: one timer for all of its connections.
//!
//! A timer of the runtime's takes more memory than all else that an idle connection waits with; a
//! sleeper here is its waker and a moment. The clock wakes all of them when the server drains, too.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::thread_bound::ThreadBound;
use crate::compact_instant::CompactInstant;
use crate::served_list::ServedList;
use crate::wakers::{WakerSlot, wake_all};

#[derive(Debug)]
pub(super) struct Clock {
    since: Instant,
    state: ThreadBound<State>,
}

/// In place of a sleeper's deadline: it has come.
const RUNG: CompactInstant = CompactInstant::SPARE;

#[derive(Debug, Default)]
struct State {
    sleepers: ServedList<Sleeper>,
    /// Pending deadlines. An entry is stale if its sleeper has left, or has asked for an earlier one since.
    due: BinaryHeap<Due>,
}

/// The earliest is the first in the heap.
type Due = Reverse<(CompactInstant, u32)>;

/// So much of what is of no account is kept, and once as much as is of account.
const OUTDATED: usize = 64;

impl State {
    /// Tells a deadline that stands from a stale one.
    fn counts(&mut self, Reverse((at, key)): &Due) -> bool {
        self.sleepers.all.get_mut(*key).is_some_and(|sleeper| sleeper.at == *at)
    }

    /// The first deadline that stands.
    fn first(&mut self) -> Option<Due> {
        loop {
            let first = *self.due.peek()?;
            if self.counts(&first) {
                return Some(first);
            }
            self.due.pop();
        }
    }

    /// Takes a sleeper that is due by `now`, if there is one.
    fn ring(&mut self, now: CompactInstant) -> Option<Sleeper> {
        let Reverse((_, key)) = self.first().filter(|Reverse((at, _))| *at <= now)?;
        self.due.pop();
        let rung = Sleeper { waker: WakerSlot::default(), at: RUNG };
        Some(std::mem::replace(&mut self.sleepers.all[key], rung))
    }

    /// Throws away what is of no account, where that is much.
    fn tidy(&mut self) {
        if self.due.len() > 2 * self.sleepers.all.len() + OUTDATED {
            let mut due = std::mem::take(&mut self.due);
            due.retain(|due| self.counts(due));
            due.shrink_to_fit();
            self.due = due;
        }
    }
}

#[derive(Debug)]
pub(super) struct Sleeper {
    waker: WakerSlot,
    /// The deadline, in the clock's time.
    at: CompactInstant,
}

impl Clock {
    /// A clock that ends once nobody is left; somebody is to enter at once.
    pub(super) fn start(draining: CancellationToken) -> Arc<Self> {
        let clock = Arc::new(Self { since: Instant::now(), state: ThreadBound::default() });
        actix_web::rt::spawn(Ticking {
            clock: Arc::clone(&clock),
            draining: Some(Box::pin(draining.cancelled_owned())),
            sleep: Box::pin(sleep_until(Instant::now())),
        });
        clock
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.state.lock().due.len()
    }

    pub(super) fn enter(&self) -> u32 {
        self.state.lock().sleepers.all.insert(Sleeper::new())
    }

    pub(super) fn leave(&self, key: u32) {
        let mut state = self.state.lock();
        let left = state.sleepers.leave(key);
        state.tidy();
        drop(state);
        left.finish();
    }

    /// Ready once `deadline`, or an earlier moment that was asked for before, has come; until then the
    /// task is woken for that.
    pub(super) fn poll_by(&self, key: u32, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = CompactInstant::new(self.since, deadline);
        let mut state = self.state.lock();
        let sleeper = &mut state.sleepers.all[key];
        if sleeper.at == RUNG {
            // It waits for nothing before it asks again.
            *sleeper = Sleeper::new();
            return Poll::Ready(());
        }
        sleeper.waker.set(cx.waker());
        if sleeper.at <= deadline {
            return Poll::Pending;
        }
        sleeper.at = deadline;
        state.due.push(Reverse((deadline, key)));
        state.tidy();
        // The clock sleeps until another's moment, which may be too late.
        let first = state.due.peek() == Some(&Reverse((deadline, key)));
        let task = if first { state.sleepers.take_task() } else { None };
        drop(state);
        wake_all(task);
        Poll::Pending
    }

    /// The task is woken when the server drains.
    pub(super) fn watch(&self, key: u32, cx: &Context<'_>) {
        self.state.lock().sleepers.all[key].waker.set(cx.waker());
    }

    /// True if this task will be woken and the clock has not done so yet.
    pub(super) fn is_waiting(&self, key: u32, cx: &Context<'_>) -> bool {
        let sleeper = &self.state.lock().sleepers.all[key];
        sleeper.waker.holds(cx.waker()) && sleeper.at != RUNG
    }

    /// The deadline of the next sleeper, or the task's other work.
    fn next(&self, cx: &Context<'_>) -> Next {
        let mut state = self.state.lock();
        if state.sleepers.is_deserted(cx.waker()) {
            return Next::End;
        }
        state.first().map_or(Next::Nothing, |Reverse((at, _))| Next::At(at.instant(self.since)))
    }

    /// Those who are due by now.
    fn ring(&self, now: Instant) -> Vec<Waker> {
        let now = CompactInstant::new(self.since, now);
        let mut state = self.state.lock();
        std::iter::from_fn(|| state.ring(now)).filter_map(|mut rung| rung.waker.take()).collect()
    }

    /// All of them.
    fn all(&self) -> Vec<Waker> {
        let mut state = self.state.lock();
        state.sleepers.all.iter_mut().filter_map(|sleeper| sleeper.waker.take()).collect()
    }
}

impl Sleeper {
    fn new() -> Self {
        Self { waker: WakerSlot::default(), at: CompactInstant::NEVER }
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
            wake_all(this.clock.all());
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
            wake_all(this.clock.ring(Instant::now()));
        }
    }
}
