//! What becomes too old, under a paused clock.

use std::time::Duration;

use ereo_runtime::{ClientSet, LastEventId, OnLag, ResetReason};
use tokio::time::advance;

use crate::support::{Step, message, send, step, steps};

const AGE: Duration = Duration::from_secs(10);
const INSTANT: Duration = Duration::from_millis(1);

fn ten_seconds(on_lag: OnLag) -> ClientSet<String> {
    ClientSet::builder().max_age(AGE).on_lag(on_lag).build()
}

fn reset(reason: ResetReason, missed: u64, offset: u64) -> Step {
    Step::Reset { reason, missed: Some(missed), offset }
}

#[tokio::test(start_paused = true)]
async fn a_message_is_replayed_until_it_is_too_old() {
    let set = ten_seconds(OnLag::default());
    let start = set.position();
    send(&set, 1..=1);
    advance(AGE).await;
    assert_eq!(steps(&mut set.subscribe(start.into())), [message(1)]);
    advance(INSTANT).await;
    let expired = reset(ResetReason::Expired, 1, 1);
    assert_eq!(steps(&mut set.subscribe(start.into())), [expired]);
}

#[tokio::test(start_paused = true)]
async fn messages_become_too_old_one_by_one() {
    let set = ten_seconds(OnLag::default());
    let first = send(&set, 1..=1)[0];
    advance(AGE / 2).await;
    send(&set, 2..=2);
    advance(AGE / 2 + INSTANT).await;
    assert_eq!(steps(&mut set.subscribe(first.into())), [message(2)]);
}

#[tokio::test(start_paused = true)]
async fn offsets_go_on_after_all_became_too_old() {
    let set = ten_seconds(OnLag::default());
    send(&set, 1..=3);
    advance(AGE * 2).await;
    assert_eq!(set.position().offset(), 3);
    let mut reader = set.subscribe(set.position().into());
    send(&set, 4..=4);
    assert_eq!(steps(&mut reader), [message(4)]);
}

#[tokio::test(start_paused = true)]
async fn a_set_that_replays_nothing_still_reaches_its_readers() {
    let set = ClientSet::builder().max_age(Duration::ZERO).build();
    let mut reader = set.subscribe(LastEventId::none());
    assert_eq!(step(&mut reader), Step::Waits);
    send(&set, 1..=1);
    assert_eq!(step(&mut reader), message(1));
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_frees_what_is_too_old() {
    let set = ten_seconds(OnLag::SkipToOldest);
    let mut reader = set.subscribe(LastEventId::none());
    send(&set, 1..=3);
    advance(AGE + INSTANT).await;
    send(&set, 4..=4);
    assert_eq!(steps(&mut reader), [reset(ResetReason::Lagged, 3, 3), message(4)]);
}

/// `KeepLatest` looked for a newest message where none was left: a panic in debug builds, resets
/// without end in release builds.
#[tokio::test(start_paused = true)]
async fn a_reader_skips_to_what_comes_next_when_all_became_too_old() {
    for on_lag in [OnLag::SkipToOldest, OnLag::KeepLatest] {
        let set = ten_seconds(on_lag);
        let mut reader = set.subscribe(LastEventId::none());
        send(&set, 1..=3);
        advance(AGE + INSTANT).await;
        // Looking at the set frees what is too old.
        assert_eq!(set.position().offset(), 3);
        assert_eq!(step(&mut reader), reset(ResetReason::Lagged, 3, 3), "{on_lag:?}");
        assert_eq!(step(&mut reader), Step::Waits, "{on_lag:?}");
        send(&set, 4..=4);
        assert_eq!(step(&mut reader), message(4), "{on_lag:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_age_there_is_keeps_everything() {
    let set = ClientSet::builder().max_age(Duration::MAX).build();
    let start = set.position();
    send(&set, 1..=1);
    advance(Duration::from_secs(3600 * 24 * 365)).await;
    assert_eq!(steps(&mut set.subscribe(start.into())), [message(1)]);
}
