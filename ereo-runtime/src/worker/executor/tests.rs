//! Promises of an executor to each of its futures, and to the other tasks of its thread.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::Waker;

use tokio::sync::mpsc;
use tokio::task::{LocalSet, yield_now};

use super::*;

type Future = Pin<Box<dyn std::future::Future<Output = ()>>>;

type Seen<T> = Rc<RefCell<Vec<T>>>;

fn on_a_thread(test: impl std::future::Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, test);
}

fn executor() -> Executor<Future> {
    Executors::default().executor()
}

fn shared(executor: &Executor<Future>) -> &Rc<Shared<Future, WakeToken>> {
    &executor.0
}

fn add(executor: &Executor<Future>, future: Future) {
    executor.add(future, Arc::new(executor.wake_token()));
}

/// Until all that can be done is done.
async fn settle() {
    for _ in 0..1_000 {
        yield_now().await;
    }
}

#[test]
fn the_same_futures_have_the_same_hub() {
    let executors = Executors::default();
    let (one, two) = (executors.executor(), executors.clone().executor());
    assert!(Rc::ptr_eq(shared(&one), shared(&two)));
    assert!(!Rc::ptr_eq(shared(&one), shared(&executor())));
}

#[test]
fn a_future_begins_in_a_turn_of_its_own_and_the_task_ends_behind_the_last() {
    on_a_thread(async {
        let (executor, seen) = (executor(), Seen::default());
        for name in ["one", "two"] {
            let seen = Rc::clone(&seen);
            add(
                &executor,
                Box::pin(async move {
                    seen.borrow_mut().push(name);
                    yield_now().await;
                    seen.borrow_mut().push(name);
                }),
            );
        }
        assert!(seen.borrow().is_empty() && shared(&executor).runs.get());
        settle().await;
        assert_eq!(seen.borrow()[..2], ["one", "two"]);
        // In which order the runtime wakes those who have yielded is its own matter.
        assert!(seen.borrow()[2..].contains(&"one") && seen.borrow()[2..].contains(&"two"));
        assert!(!shared(&executor).runs.get());
        // Whoever has it, and the app data.
        assert_eq!(Rc::strong_count(shared(&executor)), 1);

        add(&executor, Box::pin(async move { seen.borrow_mut().push("three") }));
        settle().await;
        assert!(!shared(&executor).runs.get());
    });
}

#[test]
fn one_that_is_added_by_another_begins_behind_it() {
    on_a_thread(async {
        let (executor, seen) = (executor(), Seen::default());
        let (inner, told) = (executor.clone(), Rc::clone(&seen));
        add(
            &executor,
            Box::pin(async move {
                let later = Rc::clone(&told);
                add(&inner, Box::pin(async move { later.borrow_mut().push("second") }));
                told.borrow_mut().push("first");
            }),
        );
        settle().await;
        assert_eq!(*seen.borrow(), ["first", "second"]);
    });
}

#[test]
fn one_that_is_always_ready_starves_nobody() {
    on_a_thread(async {
        let (executor, seen) = (executor(), Seen::<u32>::default());
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for message in 0..100_000 {
            sender.send(message).unwrap();
        }
        let told = Rc::clone(&seen);
        add(
            &executor,
            Box::pin(async move {
                while let Some(message) = receiver.recv().await {
                    *told.borrow_mut() = vec![message];
                }
            }),
        );
        // They come by the channel too, which costs of what the runtime allows the task.
        for _ in 0..40 {
            let (one, mut other) = mpsc::unbounded_channel();
            one.send(()).unwrap();
            let seen = Rc::clone(&seen);
            add(
                &executor,
                Box::pin(async move {
                    other.recv().await.unwrap();
                    drop(one);
                    // What the busy one has had by now.
                    let had = seen.borrow()[0];
                    assert!(had < 50_000, "{had}");
                    seen.borrow_mut().push(had);
                }),
            );
        }
        // So do other tasks of the thread.
        yield_now().await;
        yield_now().await;
        let had = seen.borrow().first().copied().unwrap_or_default();
        assert!(had < 10_000, "{had}");
        settle().await;
        settle().await;
        assert_eq!(*seen.borrow(), [99_999]);
        drop(sender);
    });
}

#[test]
fn many_that_are_called_at_once_leave_turns_to_others() {
    on_a_thread(async {
        let (executor, count) = (executor(), Rc::new(Cell::new(0)));
        for _ in 0..100 * TURN {
            let count = Rc::clone(&count);
            add(&executor, Box::pin(async move { count.set(count.get() + 1) }));
        }
        let mut before = 0;
        let other = poll_fn(move |cx| {
            assert!(count.get() - before <= TURN, "{} after {before}", count.get());
            before = count.get();
            cx.waker().wake_by_ref();
            if before < 100 * TURN { Poll::Pending } else { Poll::Ready(()) }
        });
        tokio::task::spawn_local(other).await.unwrap();
    });
}

#[test]
fn a_panic_ends_one_alone() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("while it is dropped");
        }
    }

    on_a_thread(async {
        let (executor, ended) = (executor(), Rc::new(Cell::new(0)));
        for index in 0..30 {
            let ended = Rc::clone(&ended);
            add(
                &executor,
                Box::pin(async move {
                    let _both = (index % 3 == 1).then(|| Panics);
                    yield_now().await;
                    assert!(index % 3 != 0, "on purpose");
                    ended.set(ended.get() + 1);
                }),
            );
        }
        settle().await;
        assert_eq!((ended.get(), shared(&executor).runs.get()), (20, false));
        add(&executor, Box::pin(async move { ended.set(0) }));
    });
}

#[test]
fn what_one_panics_with_may_panic_when_it_is_dropped() {
    struct Payload;
    impl Drop for Payload {
        fn drop(&mut self) {
            std::panic::panic_any(Last);
        }
    }
    struct Last;

    on_a_thread(async {
        let (executor, ended) = (executor(), Rc::new(Cell::new(false)));
        add(&executor, Box::pin(async { std::panic::panic_any(Payload) }));
        let told = Rc::clone(&ended);
        add(&executor, Box::pin(async move { told.set(true) }));
        settle().await;
        assert!(ended.get() && !shared(&executor).runs.get());
    });
}

#[test]
fn all_are_dropped_with_the_thread_whatever_one_of_them_does() {
    struct Dropped(Rc<Cell<u32>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
            assert!(self.0.get() != 5, "on purpose");
        }
    }

    let (executor, dropped) = (executor(), Rc::new(Cell::new(0)));
    let (waits, told) = (executor.clone(), Rc::clone(&dropped));
    on_a_thread(async move {
        let wait = |left| -> Future {
            Box::pin(async move {
                let _left = left;
                std::future::pending().await
            })
        };
        (0..10).for_each(|_| add(&waits, wait(Dropped(Rc::clone(&told)))));
        settle().await;
        // And those that have not begun.
        (0..10).for_each(|_| add(&waits, wait(Dropped(Rc::clone(&told)))));
    });
    assert_eq!((dropped.get(), shared(&executor).runs.get()), (20, false));
}

#[test]
fn who_has_ended_is_called_in_vain() {
    on_a_thread(async {
        let (executor, kept) = (executor(), Rc::new(RefCell::new(None::<Waker>)));
        let keeps = Rc::clone(&kept);
        add(
            &executor,
            Box::pin(poll_fn(move |cx| {
                *keeps.borrow_mut() = Some(cx.waker().clone());
                Poll::Ready(())
            })),
        );
        settle().await;
        let polled = Rc::new(Cell::new(0));
        let counts = Rc::clone(&polled);
        add(
            &executor,
            Box::pin(poll_fn(move |_| {
                counts.set(counts.get() + 1);
                Poll::Pending
            })),
        );
        settle().await;
        // In its place there is another now.
        kept.take().unwrap().wake();
        settle().await;
        assert_eq!(polled.get(), 1);
    });
}

#[test]
fn calls_come_from_any_thread() {
    on_a_thread(async {
        let (executor, done) = (executor(), Rc::new(Cell::new(0)));
        for _ in 0..8 {
            let (sender, mut receiver) = mpsc::channel(1);
            std::thread::spawn(move || {
                for message in 0..200 {
                    sender.blocking_send(message).unwrap();
                }
            });
            let done = Rc::clone(&done);
            add(
                &executor,
                Box::pin(async move {
                    let mut expected = 0;
                    while let Some(message) = receiver.recv().await {
                        assert_eq!(message, expected);
                        expected += 1;
                    }
                    assert_eq!(expected, 200);
                    done.set(done.get() + 1);
                }),
            );
        }
        while done.get() < 8 {
            yield_now().await;
        }
    });
}
