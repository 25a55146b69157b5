//! A reader that falls out of the log.

use std::time::Duration;

use ereo_runtime::{ClientSet, LastEventId, OnLag, ResetReason, Subscription};

use crate::support::{Step, message, send, settle, step, steps};

/// A set that keeps 2, and a reader of it that waits for the first message.
fn keeping_two(on_lag: OnLag) -> (ClientSet<String>, Subscription<String>) {
    let set = ClientSet::builder().history(2).on_lag(on_lag).build();
    let mut reader = set.subscribe(LastEventId::none());
    assert_eq!(step(&mut reader), Step::Waits);
    (set, reader)
}

fn lagged(missed: u64, offset: u64) -> Step {
    Step::Reset { reason: ResetReason::Lagged, missed: Some(missed), offset }
}

/// The history is what is kept for those who come back: who is there and reads gets a burst of any number.
#[tokio::test(start_paused = true)]
async fn a_burst_overtakes_no_reader_within_a_moment() {
    for on_lag in [OnLag::Disconnect, OnLag::SkipToOldest, OnLag::KeepLatest] {
        let (set, mut reader) = keeping_two(on_lag);
        let first = send(&set, 1..=1)[0];
        tokio::time::advance(Duration::from_millis(999)).await;
        send(&set, 2..=1_000);
        let expired =
            Step::Reset { reason: ResetReason::Expired, missed: Some(999), offset: 1_000 };
        assert_eq!(step(&mut set.subscribe(first.into())), expired, "it comes back too late");
        assert_eq!(steps(&mut reader), (1..=1_000).map(message).collect::<Vec<_>>());
    }
}

/// However far it is behind: a message a second is enough. One that has stopped is overtaken.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_that_reads_is_not_overtaken_by_count() {
    let (set, mut reads) = keeping_two(OnLag::Disconnect);
    let (mut stops, mut next) = (set.subscribe(LastEventId::none()), 1);
    assert_eq!(step(&mut stops), Step::Waits);
    for read in 1..=40 {
        send(&set, next..=next + 9);
        next += 10;
        assert_eq!(step(&mut reads), message(read));
        tokio::time::advance(Duration::from_millis(950)).await;
    }
    // What stands before the slowest that reads is not kept.
    assert_eq!(step(&mut stops), Step::End);
    assert_eq!(steps(&mut reads), (41..next).map(message).collect::<Vec<_>>());
    let first = send(&set, next..=next)[0];
    tokio::time::advance(Duration::from_secs(2)).await;
    send(&set, next + 1..=next + 10);
    tokio::time::advance(Duration::from_secs(1)).await;
    set.position();
    assert_eq!(first.offset(), next);
    assert_eq!(step(&mut reads), Step::End, "it has not read for three seconds");
}

#[test]
fn a_reader_that_is_as_slow_as_the_log_allows_loses_nothing() {
    for on_lag in [OnLag::Disconnect, OnLag::SkipToOldest, OnLag::KeepLatest] {
        let (set, mut reader) = keeping_two(on_lag);
        send(&set, 1..=2);
        assert_eq!(steps(&mut reader), [message(1), message(2)]);
    }
}

#[tokio::test(start_paused = true)]
async fn disconnect_ends_and_the_reader_comes_back_with_its_position() {
    let (set, mut reader) = keeping_two(OnLag::default());
    send(&set, 1..=1);
    assert_eq!(step(&mut reader), message(1));
    send(&set, 2..=4);
    settle(&set).await;
    assert_eq!(step(&mut reader), Step::End);
    assert_eq!(step(&mut reader), Step::End, "for good");
    let mut again = set.subscribe(reader.position().into());
    let expired = Step::Reset { reason: ResetReason::Expired, missed: Some(3), offset: 4 };
    assert_eq!(steps(&mut again), [expired]);
}

#[tokio::test(start_paused = true)]
async fn skip_to_oldest_counts_what_fell_out_and_reads_all_that_is_kept() {
    let (set, mut reader) = keeping_two(OnLag::SkipToOldest);
    send(&set, 1..=5);
    settle(&set).await;
    assert_eq!(steps(&mut reader), [lagged(3, 3), message(4), message(5)]);
}

#[tokio::test(start_paused = true)]
async fn keep_latest_counts_all_but_the_newest() {
    let (set, mut reader) = keeping_two(OnLag::KeepLatest);
    send(&set, 1..=5);
    settle(&set).await;
    assert_eq!(steps(&mut reader), [lagged(4, 4), message(5)]);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_lags_again_before_it_goes_on_is_told_of_the_rest() {
    let (set, mut reader) = keeping_two(OnLag::SkipToOldest);
    send(&set, 1..=5);
    settle(&set).await;
    assert_eq!(step(&mut reader), lagged(3, 3));
    send(&set, 6..=9);
    settle(&set).await;
    assert_eq!(steps(&mut reader), [lagged(4, 7), message(8), message(9)]);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_lags_before_its_first_read_is_told() {
    let set = ClientSet::builder().history(2).on_lag(OnLag::SkipToOldest).build();
    let mut reader = set.subscribe(LastEventId::none());
    send(&set, 1..=3);
    settle(&set).await;
    assert_eq!(steps(&mut reader), [lagged(1, 1), message(2), message(3)]);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_reader_costs_the_others_nothing() {
    let (set, mut stalled) = keeping_two(OnLag::SkipToOldest);
    let mut quick = set.subscribe(LastEventId::none());
    for offset in 1..=100 {
        send(&set, offset..=offset);
        assert_eq!(steps(&mut quick), [message(offset)]);
    }
    settle(&set).await;
    assert_eq!(step(&mut stalled), lagged(98, 98));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_lagged_when_the_set_closed_is_told_before_the_end() {
    let (set, mut reader) = keeping_two(OnLag::SkipToOldest);
    send(&set, 1..=3);
    settle(&set).await;
    drop(set);
    assert_eq!(step(&mut reader), lagged(1, 1));
    assert_eq!([step(&mut reader), step(&mut reader)], [message(2), message(3)]);
    assert_eq!(step(&mut reader), Step::End);
}
