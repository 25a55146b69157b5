//! No wake is lost, whatever a publisher meets a reader at.

use std::future::poll_fn;
use std::sync::Arc as StdArc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::reader::Next;
use crate::sync::{Arc, Mutex, lock};
use crate::{explore, from_start, keeping, next, publish};

#[test]
fn a_reader_that_parks_meets_a_publisher() {
    explore(|| {
        let shared = keeping(4);
        let mut reader = from_start(&shared);
        let publisher = thread::spawn(move || {
            publish(&shared, 10);
            publish(&shared, 20);
        });
        assert_eq!(next(&mut reader), Next::Entry(1, 10));
        assert_eq!(next(&mut reader), Next::Entry(2, 20));
        publisher.join().unwrap();
    });
}

#[test]
fn two_readers_that_park_again_and_again_are_both_woken() {
    explore(|| {
        let shared = keeping(4);
        let mut here = from_start(&shared);
        let mut there = from_start(&shared);
        let other = thread::spawn(move || {
            assert_eq!(next(&mut there), Next::Entry(1, 10));
            assert_eq!(next(&mut there), Next::Entry(2, 20));
        });
        let publisher = thread::spawn(move || {
            publish(&shared, 10);
            publish(&shared, 20);
        });
        assert_eq!(next(&mut here), Next::Entry(1, 10));
        assert_eq!(next(&mut here), Next::Entry(2, 20));
        other.join().unwrap();
        publisher.join().unwrap();
    });
}

#[test]
fn a_reader_dropped_after_it_was_woken_leaves_those_alone_that_parked_since() {
    explore(|| {
        let shared = keeping(4);
        let mut stays = from_start(&shared);
        let mut leaves = from_start(&shared);
        assert!(leaves.poll_next(&mut Context::from_waker(Waker::noop())).is_pending());
        publish(&shared, 10);
        let leaver = thread::spawn(move || {
            drop(leaves);
            publish(&shared, 20);
        });
        assert_eq!(next(&mut stays), Next::Entry(1, 10));
        assert_eq!(next(&mut stays), Next::Entry(2, 20));
        leaver.join().unwrap();
    });
}

#[test]
fn a_reader_dropped_while_a_publisher_wakes_leaves_the_others_parked() {
    explore(|| {
        let shared = keeping(4);
        let mut stays = from_start(&shared);
        let mut leaves = from_start(&shared);
        let publisher = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || publish(&shared, 10))
        };
        // Parks, unless the publisher was faster; then drops what may be taken at this moment.
        let _ = leaves.poll_next(&mut Context::from_waker(Waker::noop()));
        let leaver = thread::spawn(move || drop(leaves));
        assert_eq!(next(&mut stays), Next::Entry(1, 10));
        leaver.join().unwrap();
        publisher.join().unwrap();
    });
}

#[test]
fn a_reader_that_moves_to_another_task_is_woken_there() {
    explore(|| {
        let shared = keeping(4);
        let mut reader = from_start(&shared);
        let publisher = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || publish(&shared, 10))
        };
        let here = StdArc::new(Woken(AtomicUsize::new(0)));
        let waker = Waker::from(StdArc::clone(&here));
        // First polled by another task, then by this one: this one's waker is what counts.
        let first = reader.poll_next(&mut Context::from_waker(Waker::noop()));
        let second = first.is_pending().then(|| reader.poll_next(&mut Context::from_waker(&waker)));
        publisher.join().unwrap();
        if let Some(Poll::Pending) = second {
            assert_eq!(here.0.load(Ordering::SeqCst), 1);
        }
    });
}

/// What presence does: the reader parks and then looks at what stands beside the log.
#[test]
fn a_reader_that_looks_elsewhere_once_it_is_parked_is_roused() {
    explore(|| {
        let shared = keeping(4);
        let mut reader = from_start(&shared);
        let away = Arc::new(AtomicUsize::new(0));
        let leaver = {
            let away = Arc::clone(&away);
            thread::spawn(move || {
                away.store(1, Ordering::SeqCst);
                shared.rouse();
            })
        };
        loom::future::block_on(poll_fn(|cx| {
            assert!(reader.poll_next(cx).is_pending());
            if away.load(Ordering::SeqCst) == 1 { Poll::Ready(()) } else { Poll::Pending }
        }));
        leaver.join().unwrap();
    });
}

#[test]
fn what_is_pushed_under_a_lock_of_the_publishers_is_in_its_order_and_wakes_behind_it() {
    explore(|| {
        let shared = keeping(4);
        let mut reader = from_start(&shared);
        let state = Arc::new(Mutex::new(0));
        let publishers = [(); 2].map(|()| {
            let (shared, state) = (Arc::clone(&shared), Arc::clone(&state));
            thread::spawn(move || {
                let mut state = lock(&state);
                *state += 1;
                let (_, round) = shared.push(|| Duration::ZERO, |_| (*state, 1));
                drop(state);
                drop(round);
            })
        });
        assert_eq!(next(&mut reader), Next::Entry(1, 1));
        assert_eq!(next(&mut reader), Next::Entry(2, 2));
        for publisher in publishers {
            publisher.join().unwrap();
        }
    });
}

struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: StdArc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
