//! Finds where a function subscribes, by running it up to where it first reads.
//!
//! A socket's function that forwards a subscription gives none to its caller. A loader that goes on live over it
//! runs it as a client would have it run, takes the place where its sets stood, and drops it there.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Notify;

use crate::log::LastEventId;

thread_local! {
    /// Of the function that runs in [`first_read`].
    static PROBE: RefCell<Option<Rc<Probe>>> = const { RefCell::new(None) };
}

/// Told by the first of a function's subscriptions that is read.
#[derive(Default)]
pub(super) struct Probe {
    found: Cell<Option<Found>>,
    is_over: Cell<bool>,
    over: Notify,
}

impl Probe {
    /// A subscription that stood there is read: the function goes no further. Ready when nobody cares any more,
    /// for one that is read in a task of its own.
    pub(super) async fn found(&self, at: Option<LastEventId>) {
        if self.found.get().is_none() {
            self.found.set(Some(at.ok_or(NotFound::Unopened)));
        }
        while !self.is_over.get() {
            self.over.notified().await;
        }
    }
}

/// Ends the probe, however its function is dropped.
struct Over(Rc<Probe>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.is_over.set(true);
        self.0.over.notify_waiters();
    }
}

/// Puts back the probe from before, also behind a panic.
struct Outer(Option<Rc<Probe>>);

impl Drop for Outer {
    fn drop(&mut self) {
        let inner = PROBE.replace(self.0.take());
        drop(inner);
    }
}

/// How long the store of a set may take to say where that stands.
pub(super) const OPENS_WITHIN: Duration = Duration::from_secs(5);

type Found = Result<LastEventId, NotFound>;

/// Why there is no such place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotFound {
    /// The function reads nothing before it ends, or waits for what never comes.
    Unread,
    /// The store of the set does not say.
    Unopened,
}

/// Where the sets of the subscription stood that `function` reads first; `is_stuck` tells that it waits for what
/// never comes.
pub(crate) async fn first_read<F: Future>(function: F, is_stuck: impl Fn() -> bool) -> Found {
    let probe = Rc::new(Probe::default());
    let _over = Over(Rc::clone(&probe));
    let mut function = pin!(function);
    poll_fn(|cx| {
        let outer = Outer(PROBE.replace(Some(Rc::clone(&probe))));
        let polled = function.as_mut().poll(cx);
        drop(outer);
        match probe.found.get() {
            Some(found) => Poll::Ready(found),
            None if polled.is_ready() || is_stuck() => Poll::Ready(Err(NotFound::Unread)),
            None => Poll::Pending,
        }
    })
    .await
}

/// That of the function which subscribes here.
pub(super) fn probe() -> Option<Rc<Probe>> {
    // While the thread ends there is none.
    PROBE.try_with(|probe| probe.borrow().clone()).ok().flatten()
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::broadcast::{ClientSet, Subscription};

    fn sets() -> [ClientSet<String>; 2] {
        let sets = [ClientSet::new(), ClientSet::new()];
        sets[0].broadcast(&"before".to_owned()).unwrap();
        sets
    }

    #[tokio::test]
    async fn it_stops_where_the_first_subscription_is_read() {
        let [set, other] = sets();
        let reads = async {
            tokio::task::yield_now().await;
            let last = LastEventId::none();
            let mut both = set.subscribe(last).filter(|_| true).merge(other.subscribe(last));
            tokio::task::yield_now().await;
            both.recv().await;
            unreachable!("it goes no further");
        };
        let found = first_read(reads, || false).await.unwrap();
        assert_eq!(found.to_string(), format!("{}.{}", set.position(), other.position()));
        assert!(set.is_empty() && probe().is_none());
    }

    #[tokio::test]
    async fn one_that_reads_nothing_or_is_stuck_is_told() {
        let [set, _] = sets();
        let ends = async { drop(set.subscribe(LastEventId::none())) };
        let unread = Err(NotFound::Unread);
        assert_eq!(first_read(ends, || false).await, unread);
        assert_eq!(first_read(pending::<()>(), || true).await, unread);
    }

    #[tokio::test]
    async fn what_is_read_by_another_task_is_found_and_ends() {
        let [set, _] = sets();
        let tasks = tokio::task::LocalSet::new();
        let run = tasks.run_until(async {
            let reader: Cell<Option<Subscription<String>>> = Cell::new(None);
            let task = Rc::new(Cell::new(None));
            let (spawned, set) = (Rc::clone(&task), set.clone());
            let spawns = async move {
                reader.set(Some(set.subscribe(LastEventId::none())));
                let mut reader = reader.take().unwrap();
                let reads = tokio::task::spawn_local(async move { reader.recv().await.is_none() });
                spawned.set(Some(reads));
                loop {
                    tokio::task::yield_now().await;
                }
            };
            assert!(first_read(spawns, || false).await.is_ok());
            assert!(task.take().unwrap().await.unwrap(), "it has ended");
        });
        run.await;
    }
}
