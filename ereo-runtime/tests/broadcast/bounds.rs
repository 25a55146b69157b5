//! How many messages and bytes a set keeps.

use ereo_runtime::{BroadcastError, ClientSet, EncodeError, LastEventId, ResetReason};

use crate::support::{Step, message, send, step, steps};

/// What one message of [`send`] takes, as the set counts it.
fn size_of_one() -> usize {
    let none = ClientSet::builder().max_bytes(0).build();
    match none.broadcast(&"1".to_owned()) {
        Err(BroadcastError::Encode(EncodeError::TooLarge { size, limit: 0 })) => size,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_that_is_too_large_reaches_no_reader_and_leaves_the_position() {
    let limit = size_of_one();
    let set = ClientSet::builder().max_bytes(limit).build();
    let mut reader = set.subscribe(LastEventId::none());
    send(&set, 1..=1);
    let refused = set.broadcast(&"22".to_owned()).unwrap_err();
    assert!(
        matches!(refused, BroadcastError::Encode(EncodeError::TooLarge { size, limit: told }) if size == limit + 1 && told == limit)
    );
    assert_eq!(set.position().offset(), 1);
    assert_eq!(steps(&mut reader), [message(1)], "and what was kept is still there");
    send(&set, 2..=2);
    assert_eq!(steps(&mut reader), [message(2)]);
}

/// Each is kept as a value and as an event.
#[test]
fn bytes_bound_what_is_kept() {
    const SIZE: usize = 10_000;
    let set = ClientSet::builder().max_bytes(2 * 2 * SIZE + 2 * 500).build();
    let send = |digit: &str| set.broadcast(&digit.repeat(SIZE)).unwrap().position().unwrap();
    let start = set.position();
    let [first, ..] = ["1", "2", "3"].map(send);
    let rest = steps(&mut set.subscribe(first.into()));
    assert_eq!(rest, [2, 3].map(|n| Step::Message(n, n.to_string().repeat(SIZE))));
    let expired = Step::Reset { reason: ResetReason::Expired, missed: Some(3), offset: 3 };
    assert_eq!(step(&mut set.subscribe(start.into())), expired);
}

#[test]
fn the_largest_message_there_may_be_is_kept_though_it_takes_more() {
    let set = ClientSet::builder().max_bytes(size_of_one()).build();
    let start = set.position();
    send(&set, 1..=2);
    let mut late = set.subscribe(start.into());
    let expired = Step::Reset { reason: ResetReason::Expired, missed: Some(2), offset: 2 };
    assert_eq!(step(&mut late), expired);
    send(&set, 3..=3);
    assert_eq!(steps(&mut late), [message(3)]);
}

#[test]
fn a_history_of_none_still_keeps_the_newest() {
    let set = ClientSet::builder().history(0).build();
    let mut reader = set.subscribe(LastEventId::none());
    send(&set, 1..=1);
    assert_eq!(steps(&mut reader), [message(1)]);
}
