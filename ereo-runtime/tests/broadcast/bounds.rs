//! How many messages and bytes a set keeps.

use ereo_runtime::{ClientSet, EncodeError, LastEventId, ResetReason};

use crate::support::{Step, message, send, step, steps};

/// What one message of [`send`] takes, as the set counts it.
fn size_of_one() -> usize {
    let none = ClientSet::builder().max_bytes(0).build();
    match none.broadcast(&"1".to_owned()) {
        Err(EncodeError::TooLarge { size, limit: 0 }) => size,
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
        matches!(refused, EncodeError::TooLarge { size, limit: told } if size == limit + 1 && told == limit)
    );
    assert_eq!(set.position().offset(), 1);
    assert_eq!(steps(&mut reader), [message(1)], "and what was kept is still there");
    send(&set, 2..=2);
    assert_eq!(steps(&mut reader), [message(2)]);
}

#[test]
fn bytes_bound_what_is_kept() {
    let set = ClientSet::builder().max_bytes(2 * size_of_one()).build();
    let mut positions = vec![set.position()];
    positions.extend(send(&set, 1..=3));
    let rest = steps(&mut set.subscribe(positions[1].into()));
    assert_eq!(rest, [message(2), message(3)]);
    let expired = Step::Reset { reason: ResetReason::Expired, missed: Some(3), offset: 3 };
    assert_eq!(step(&mut set.subscribe(positions[0].into())), expired);
}

#[test]
fn a_history_of_none_still_keeps_the_newest() {
    let set = ClientSet::builder().history(0).build();
    let mut reader = set.subscribe(LastEventId::none());
    send(&set, 1..=1);
    assert_eq!(steps(&mut reader), [message(1)]);
}
