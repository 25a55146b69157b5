//! An entry without an offset reaches a reader that is there, at its place, and no wake for it is lost.

use std::time::Duration;

use loom::thread;

use crate::reader::Next;
use crate::{explore, from_start, keeping, next, publish};

#[test]
fn a_reader_that_parks_meets_a_publisher_of_entries_and_asides() {
    explore(|| {
        let shared = keeping(4);
        let mut reader = from_start(&shared);
        let publisher = thread::spawn(move || {
            shared.push_aside(|| Duration::ZERO, 1, 1);
            publish(&shared, 10);
            shared.push_aside(|| Duration::ZERO, 2, 1);
        });
        assert_eq!(next(&mut reader), Next::Aside(1));
        assert_eq!(next(&mut reader), Next::Entry(1, 10));
        assert_eq!(next(&mut reader), Next::Aside(2));
        publisher.join().unwrap();
    });
}

#[test]
fn an_aside_comes_before_the_gap_that_follows_it() {
    explore(|| {
        let shared = keeping(4);
        let mut reader = from_start(&shared);
        let mirror = {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.push_aside(|| Duration::ZERO, 1, 1);
                drop(shared.skip_to(3));
                shared.push_aside(|| Duration::ZERO, 2, 1);
            })
        };
        assert_eq!(next(&mut reader), Next::Aside(1));
        let Next::Lagged(kept) = next(&mut reader) else { unreachable!("nothing else is there") };
        assert_eq!(reader.skip_to(kept.next), 2);
        assert_eq!(next(&mut reader), Next::Aside(2));
        mirror.join().unwrap();
    });
}
