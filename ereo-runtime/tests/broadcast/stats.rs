//! What is counted of lag, and that a reader's own policy goes before the set's.

use ereo_runtime::{ClientSet, LastEventId, OnLag, ResetReason};

use crate::support::{Step, message, send, settle, step, steps};

fn counted(set: &ClientSet<String>) -> [u64; 4] {
    let stats = set.stats();
    [stats.broadcasts, stats.lagged, stats.disconnected, stats.missed]
}

#[tokio::test(start_paused = true)]
async fn a_stalled_reader_among_many_is_the_only_one_that_lags() {
    let set = ClientSet::builder().history(4).on_lag(OnLag::SkipToOldest).build();
    let mut stalled = set.subscribe(LastEventId::none());
    assert_eq!(step(&mut stalled), Step::Waits);
    let mut others: Vec<_> = (0..100).map(|_| set.subscribe(LastEventId::none())).collect();
    for offset in 1..=50 {
        send(&set, offset..=offset);
        for other in &mut others {
            assert_eq!(steps(other), [message(offset)]);
        }
    }
    settle(&set).await;
    assert_eq!(counted(&set), [50, 0, 0, 0], "it has not looked yet");
    assert_eq!(set.stats().clients, 101);
    step(&mut stalled);
    assert_eq!(counted(&set), [50, 1, 0, 46]);
}

#[tokio::test(start_paused = true)]
async fn a_readers_own_policy_goes_before_the_sets() {
    let set = ClientSet::builder().history(2).build();
    let subscribe = |on_lag| {
        let mut reader = set.subscribe(LastEventId::none()).filter(|_| true).on_lag(on_lag);
        assert_eq!(step(&mut reader), Step::Waits);
        reader
    };
    let mut skips = subscribe(OnLag::SkipToOldest);
    let mut keeps = subscribe(OnLag::KeepLatest);
    let mut leaves = subscribe(OnLag::Disconnect);
    send(&set, 1..=5);
    settle(&set).await;
    let lagged =
        |missed| Step::Reset { reason: ResetReason::Lagged, missed: Some(missed), offset: missed };
    assert_eq!(steps(&mut skips), [lagged(3), message(4), message(5)]);
    assert_eq!(steps(&mut keeps), [lagged(4), message(5)]);
    assert_eq!(step(&mut leaves), Step::End);
    assert_eq!(counted(&set), [5, 3, 1, 3 + 4 + 3]);
}

#[test]
fn a_reader_is_overtaken_by_bytes_as_by_counts() {
    let set = ClientSet::builder().max_bytes(2500).on_lag(OnLag::SkipToOldest).build();
    let mut reader = set.subscribe(LastEventId::none());
    assert_eq!(step(&mut reader), Step::Waits);
    for _ in 0..10 {
        set.broadcast(&"x".repeat(400)).unwrap();
    }
    let told = Step::Reset { reason: ResetReason::Lagged, missed: Some(8), offset: 8 };
    assert_eq!(step(&mut reader), told);
    assert_eq!(counted(&set), [10, 1, 0, 8]);
}
