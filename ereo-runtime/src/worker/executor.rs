//! The connections of one thread as one task.
//!
//! A task of the runtime's takes a hundred bytes beside its future, and begins at a multiple of 128: an
//! idle connection has little more than that in all. In an executor its future has a place in a list, and what
//! wakes it is a [`WakeToken`] that knows the place.
//!
//! An executor's task begins with its first future and ends behind the last one. It polls a few of those that
//! were called in a turn, and goes behind the thread's other tasks. All that it polls in one turn share what
//! the runtime allows a task before it must wait ([`budget`](crate::budget)): whoever uses that up ends the
//! turn, so that the next one begins with another, once the runtime has looked at its sockets.

mod executors;
#[cfg(test)]
mod tests;
mod wake_token;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::HttpRequest;
use futures_util::task::{ArcWake, waker_ref};

use crate::block_slab::BlockSlab;
use crate::budget;
use crate::panicked::panic_message;
use wake_token::RunQueue;

pub(crate) use executors::Executors;
pub(crate) use wake_token::WakeToken;

/// So many are polled in one turn, then other tasks of the thread have theirs.
const TURN: usize = 16;

/// Runs futures. Those of a worker's routes have one for all of a type; where there is none, as in a test, one
/// alone will do.
///
/// A future is woken by a `W` that has its [`WakeToken`].
pub(crate) struct Executor<F, W = WakeToken>(Rc<Shared<F, W>>);

struct Shared<F, W> {
    /// Those that have come since the task had its turn: they begin in a turn of its, for who adds one
    /// may be in the midst of something.
    arrivals: RefCell<Vec<Resident<F, W>>>,
    queue: Arc<RunQueue>,
    runs: Cell<bool>,
}

impl<F, W> Executor<F, W>
where
    F: Future<Output = ()> + Unpin + 'static,
    W: ArcWake + AsRef<WakeToken> + 'static,
{
    /// That of the worker and of the routes that the request has come to.
    pub(crate) fn of(req: &HttpRequest) -> Self {
        req.app_data::<Executors>().map_or_else(Self::default, Executors::executor)
    }

    /// For a future that is to come.
    pub(crate) fn wake_token(&self) -> WakeToken {
        WakeToken::new(Arc::clone(&self.0.queue))
    }

    /// Runs `future`, which `waker` wakes: it has a [`Executor::wake_token`] of this one.
    pub(crate) fn add(&self, future: F, waker: Arc<W>) {
        let shared = &self.0;
        shared.arrivals.borrow_mut().push(Resident { future, waker });
        if shared.runs.get() {
            shared.queue.rouse();
        } else {
            shared.runs.set(true);
            actix_web::rt::spawn(Running::new(Rc::clone(shared)));
        }
    }
}

impl<F, W> Clone for Executor<F, W> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<F, W> Default for Executor<F, W> {
    fn default() -> Self {
        Self(Rc::default())
    }
}

impl<F, W> Default for Shared<F, W> {
    fn default() -> Self {
        Self { arrivals: RefCell::default(), queue: Arc::default(), runs: Cell::default() }
    }
}

/// A future and what wakes it.
struct Resident<F, W> {
    future: F,
    waker: Arc<W>,
}

impl<F, W: AsRef<WakeToken>> Resident<F, W> {
    fn call(&self) -> &WakeToken {
        (*self.waker).as_ref()
    }
}

/// The task.
struct Running<F, W> {
    shared: Rc<Shared<F, W>>,
    all: BlockSlab<Resident<F, W>>,
    /// Those that were called, in this order.
    due: VecDeque<u32>,
}

impl<F, W> Running<F, W>
where
    F: Future<Output = ()> + Unpin,
    W: ArcWake + AsRef<WakeToken> + 'static,
{
    fn new(shared: Rc<Shared<F, W>>) -> Self {
        Self { shared, all: BlockSlab::new(), due: VecDeque::new() }
    }

    fn take_in(&mut self) {
        for arrival in self.shared.arrivals.take() {
            let place = self.all.insert(arrival);
            self.all[place].call().place(place);
            self.due.push_back(place);
        }
    }

    /// Polls who is at this place. One that was called and has left meanwhile may have a successor, who is
    /// polled in vain.
    fn poll_one(&mut self, key: u32) {
        let Some(resident) = self.all.get_mut(key) else { return };
        resident.call().answer();
        let Resident { future, waker } = resident;
        let waker = waker_ref(waker);
        let mut cx = Context::from_waker(&waker);
        // As in tasks of their own: nobody else hears of a panic.
        let polled = catch(|| Pin::new(future).poll(&mut cx));
        if polled != Some(Poll::Pending) {
            self.remove(key);
        }
    }

    fn remove(&mut self, key: u32) {
        let resident = self.all.remove(key);
        // Nothing calls it any more.
        resident.call().end();
        catch(|| drop(resident));
    }
}

impl<F, W> Future for Running<F, W>
where
    F: Future<Output = ()> + Unpin,
    W: ArcWake + AsRef<WakeToken> + 'static,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.take_in();
        for _ in 0..TURN {
            if this.due.is_empty() {
                this.shared.queue.take(&mut this.due, cx.waker());
            }
            let Some(key) = this.due.pop_front() else {
                if !this.shared.arrivals.borrow().is_empty() {
                    break;
                }
                if this.all.is_empty() {
                    this.shared.runs.set(false);
                    return Poll::Ready(());
                }
                return Poll::Pending;
            };
            this.poll_one(key);
            if budget::is_spent() {
                return budget::end_turn(cx);
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Nothing of it is pinned.
impl<F, W> Unpin for Running<F, W> {}

impl<F, W> Drop for Running<F, W> {
    fn drop(&mut self) {
        // Ended, or dropped by the runtime, with all that are there.
        self.shared.runs.set(false);
        self.all.take().for_each(|resident| {
            catch(|| drop(resident));
        });
        for arrival in self.shared.arrivals.take() {
            catch(|| drop(arrival));
        }
    }
}

/// Runs `run`; `None` if it panics, which concerns one connection alone.
fn catch<R>(run: impl FnOnce() -> R) -> Option<R> {
    let panic = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(given) => return Some(given),
        Err(panic) => panic,
    };
    // The payload of a user's panic may panic when it is dropped, and so may a subscriber of the event.
    let told = catch_unwind(AssertUnwindSafe(move || {
        tracing::error!(panic = panic_message(&*panic), "the task of a connection panicked");
    }));
    if let Err(again) = told {
        std::mem::forget(again);
    }
    None
}
