//! One total order, each entry exactly once.

use std::time::Duration;

use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;

use crate::reader::Next;
use crate::sync::Arc;
use crate::waiters::Shared;
use crate::{explore, from_start, keeping, next, publish};

#[test]
fn two_publishers_make_one_order_that_both_and_the_reader_agree_on() {
    explore(|| {
        let shared = keeping(4);
        let mut reader = from_start(&shared);
        let there = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || publish(&shared, 10))
        };
        let here = thread::spawn(move || publish(&shared, 20));
        let read = [next(&mut reader), next(&mut reader)];
        let (ten, twenty) = (there.join().unwrap(), here.join().unwrap());
        assert_eq!(ten + twenty, 3, "offsets 1 and 2");
        let expected = if ten == 1 { [10, 20] } else { [20, 10] };
        assert_eq!(read, [Next::Entry(1, expected[0]), Next::Entry(2, expected[1])]);
    });
}

#[test]
fn entries_are_in_the_order_of_their_times() {
    explore(|| {
        let shared = keeping(4);
        let clock = Arc::new(AtomicU64::new(0));
        let there = {
            let (shared, clock) = (Arc::clone(&shared), Arc::clone(&clock));
            thread::spawn(move || publish_at(&shared, &clock))
        };
        let (offset, at) = publish_at(&shared, &clock);
        let (offset_there, at_there) = there.join().unwrap();
        assert_eq!(offset < offset_there, at < at_there);
    });
}

/// Offset and time of an entry under a clock that goes on with every look at it.
fn publish_at(shared: &Shared<u64>, clock: &AtomicU64) -> (u64, u64) {
    let mut at = 0;
    let look = || {
        at = clock.fetch_add(1, Ordering::SeqCst);
        Duration::from_secs(at)
    };
    (shared.append(look, |offset| (offset, 1)), at)
}
