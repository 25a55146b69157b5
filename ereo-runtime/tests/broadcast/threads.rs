//! Many threads at once: publishers, and readers that stay, join and leave, or stall.

use std::collections::HashMap;
use std::sync::Barrier;
use std::thread;

use ereo_runtime::{ClientSet, LastEventId, Message, OnLag, Position, Subscription};
use serde::Serialize;

use crate::support::{Step, step};

const PUBLISHERS: u64 = 4;
const EACH: u64 = 1500;
const ALL: u64 = PUBLISHERS * EACH;
/// Bytes of the log, which bound how far a reader may be behind, and messages that fit at the most.
const BYTES: usize = 1_000;
const KEPT: u64 = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Message)]
struct Numbered {
    publisher: u64,
    number: u64,
}

type Set = ClientSet<Numbered>;
/// What stands at which offset, as one thread saw it.
type Seen = HashMap<u64, Numbered>;

#[test]
fn everyone_sees_one_order_when_readers_skip_to_the_oldest() {
    everyone_sees_one_order(OnLag::SkipToOldest);
}

#[test]
fn everyone_sees_one_order_when_readers_keep_the_latest() {
    everyone_sees_one_order(OnLag::KeepLatest);
}

fn everyone_sees_one_order(on_lag: OnLag) {
    let set = Set::builder().max_bytes(BYTES).on_lag(on_lag).build();
    // All begin at once, and the stalled reader goes on when everything was published.
    let begin = &Barrier::new(PUBLISHERS as usize + 5);
    let published = &Barrier::new(PUBLISHERS as usize + 1);
    let (sent, read) = thread::scope(move |scope| {
        let publishers: Vec<_> = (0..PUBLISHERS)
            .map(|publisher| {
                let set = set.clone();
                scope.spawn(move || {
                    begin.wait();
                    let sent = publish(&set, publisher);
                    published.wait();
                    sent
                })
            })
            .collect();
        let start = set.position();
        let mut readers = Vec::new();
        for _ in 0..2 {
            let (stays, comes_and_goes) = (set.clone(), set.clone());
            readers.push(scope.spawn(move || stay(stays, begin)));
            readers.push(scope.spawn(move || {
                begin.wait();
                come_and_go(comes_and_goes, start)
            }));
        }
        readers.push(scope.spawn(move || stall(set, begin, published)));
        let sent: Seen = publishers.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        let read: Vec<_> = readers.into_iter().map(|thread| thread.join().unwrap()).collect();
        (sent, read)
    });
    assert_eq!(sent.len() as u64, ALL, "no offset was given out twice");
    assert!((1..=ALL).all(|offset| sent.contains_key(&offset)), "offsets rise by one");
    for read in read {
        for (offset, message) in read {
            assert_eq!(sent[&offset], message, "at {offset}");
        }
    }
}

fn publish(set: &Set, publisher: u64) -> Seen {
    let messages = (0..EACH).map(|number| Numbered { publisher, number });
    messages
        .map(|message| (set.broadcast(&message).unwrap().position().unwrap().offset(), message))
        .collect()
}

/// Checks that nothing between is left open, and keeps what was read.
struct Run {
    settled: u64,
    seen: Seen,
}

impl Run {
    fn from(start: Position) -> Self {
        Self { settled: start.offset(), seen: Seen::new() }
    }

    /// Takes the next step; false when there is none.
    fn goes_on(&mut self, step: Step<Numbered>) -> bool {
        match step {
            Step::Message(offset, message) => {
                assert_eq!(offset, self.settled + 1, "without a gap, without a duplicate");
                assert_eq!(self.seen.insert(offset, message), None);
                self.settled = offset;
            }
            Step::Reset { missed, offset, .. } => {
                assert_eq!(self.settled + missed.unwrap(), offset, "missed exactly these");
                self.settled = offset;
            }
            Step::Waits | Step::Expired | Step::End => return false,
        }
        true
    }

    /// Reads to the end of the set, which must come after its last message.
    fn until_the_end(mut self, mut reader: Subscription<Numbered>) -> Seen {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            while let Some(delivery) = reader.recv().await {
                assert!(self.goes_on(delivery.into()));
            }
        });
        assert_eq!(self.settled, ALL);
        assert_eq!(reader.position().offset(), ALL);
        self.seen
    }
}

fn stay(set: Set, begin: &Barrier) -> Seen {
    let reader = set.subscribe(LastEventId::none());
    drop(set);
    begin.wait();
    let run = Run::from(reader.position());
    let read = run.until_the_end(reader);
    assert!(!read.is_empty(), "it was there before the first and is behind the newest");
    read
}

fn come_and_go(set: Set, start: Position) -> Seen {
    let mut run = Run::from(start);
    let mut last = start;
    for round in 0..500 {
        let mut reader = set.subscribe(last.into());
        // Sometimes leaves at once, sometimes in the middle, sometimes when nothing is left.
        for _ in 0..round % 7 {
            if !run.goes_on(step(&mut reader)) {
                thread::yield_now();
            }
        }
        last = reader.position();
    }
    let reader = set.subscribe(last.into());
    drop(set);
    run.until_the_end(reader)
}

fn stall(set: Set, begin: &Barrier, published: &Barrier) -> Seen {
    let mut reader = set.subscribe(LastEventId::none());
    assert_eq!(step(&mut reader), Step::Waits);
    drop(set);
    begin.wait();
    published.wait();
    let run = Run::from(reader.position());
    let read = run.until_the_end(reader);
    assert!((1..=KEPT).contains(&(read.len() as u64)), "only what is kept");
    read
}
