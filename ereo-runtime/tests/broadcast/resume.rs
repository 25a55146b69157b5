//! Going on behind a position.

use ereo_runtime::{ClientSet, LastEventId, Position, ResetReason};

use crate::support::{Step, message, send, step, steps};

/// A set that sent 1 to 5 and keeps 3, 4 and 5; with the positions from before the first on.
fn three_of_five() -> (ClientSet<String>, Vec<Position>) {
    let set = ClientSet::builder().history(3).build();
    let mut positions = vec![set.position()];
    positions.extend(send(&set, 1..=5));
    (set, positions)
}

fn reset(reason: ResetReason, missed: Option<u64>) -> Step {
    Step::Reset { reason, missed, offset: 5 }
}

/// What a reader gets that comes with `last`, before and after one more broadcast.
fn come_back(set: &ClientSet<String>, last: impl Into<LastEventId>) -> Vec<Step> {
    let mut reader = set.subscribe(last.into());
    let mut got = steps(&mut reader);
    send(set, 6..=6);
    got.extend(steps(&mut reader));
    got
}

#[test]
fn without_a_position_only_what_comes_next_is_read() {
    let (set, _) = three_of_five();
    assert_eq!(come_back(&set, None), [message(6)]);
}

#[test]
fn behind_the_newest_only_what_comes_next_is_read() {
    let (set, positions) = three_of_five();
    assert_eq!(set.position(), positions[5]);
    assert_eq!(come_back(&set, positions[5]), [message(6)]);
}

#[test]
fn behind_one_that_is_kept_the_rest_is_read() {
    let (set, positions) = three_of_five();
    assert_eq!(come_back(&set, positions[3]), [message(4), message(5), message(6)]);
}

#[test]
fn behind_the_one_before_the_oldest_all_that_is_kept_is_read() {
    let (set, positions) = three_of_five();
    let all = [message(3), message(4), message(5), message(6)];
    assert_eq!(come_back(&set, positions[2]), all);
}

#[test]
fn two_before_the_oldest_is_expired_and_all_that_is_left_out_is_counted() {
    let (set, positions) = three_of_five();
    let expired = reset(ResetReason::Expired, Some(4));
    assert_eq!(come_back(&set, positions[1]), [expired, message(6)]);
}

#[test]
fn before_the_first_is_expired_once_the_first_is_gone() {
    let (set, positions) = three_of_five();
    let expired = reset(ResetReason::Expired, Some(5));
    assert_eq!(come_back(&set, positions[0]), [expired, message(6)]);
}

#[test]
fn before_the_first_of_a_new_set_is_its_start() {
    let set = ClientSet::new();
    assert_eq!(set.position().offset(), 0);
    let mut reader = set.subscribe(set.position().into());
    assert_eq!(step(&mut reader), Step::Waits);
    send(&set, 1..=2);
    assert_eq!(steps(&mut reader), [message(1), message(2)]);
}

#[test]
fn a_position_ahead_of_the_set_is_of_another_life() {
    for ahead in ["6", "7", "18446744073709551615"] {
        let (set, _) = three_of_five();
        let ahead: Position = format!("{}-{ahead}", set.position().epoch()).parse().unwrap();
        assert_eq!(come_back(&set, ahead), [reset(ResetReason::Epoch, None), message(6)]);
    }
}

#[test]
fn a_position_of_another_set_is_of_another_life() {
    let (_, others) = three_of_five();
    let unknown = "k3F9-3".parse().unwrap();
    for foreign in [others[0], others[3], others[5], unknown] {
        let (set, _) = three_of_five();
        assert_eq!(come_back(&set, foreign), [reset(ResetReason::Epoch, None), message(6)]);
    }
}

#[test]
fn a_position_goes_through_its_text() {
    let (set, positions) = three_of_five();
    let text: Position = positions[4].to_string().parse().unwrap();
    assert_eq!(come_back(&set, text), [message(5), message(6)]);
}

#[test]
fn a_subscription_begins_where_it_was_made_not_where_it_is_first_read() {
    let (set, positions) = three_of_five();
    let mut fresh = set.subscribe(LastEventId::none());
    let mut resumed = set.subscribe(positions[4].into());
    assert_eq!((fresh.position(), resumed.position()), (positions[5], positions[4]));
    send(&set, 6..=6);
    assert_eq!(steps(&mut fresh), [message(6)]);
    assert_eq!(steps(&mut resumed), [message(5), message(6)]);
}

#[test]
fn what_is_sent_between_an_expired_subscription_and_its_first_read_is_not_lost() {
    let (set, positions) = three_of_five();
    let mut reader = set.subscribe(positions[0].into());
    send(&set, 6..=7);
    let expired = reset(ResetReason::Expired, Some(5));
    assert_eq!(steps(&mut reader), [expired, message(6), message(7)]);
}

/// It stood behind the reset before that was told: come back with that, and the gap was lost.
#[test]
fn a_reader_that_leaves_before_its_reset_is_told_of_it_when_it_comes_back() {
    let (set, positions) = three_of_five();
    let unread = set.subscribe(positions[0].into());
    let mut reader = set.subscribe(unread.position().into());
    assert_eq!(step(&mut reader), reset(ResetReason::Expired, Some(5)));
    assert_eq!(reader.position(), positions[5]);
}
