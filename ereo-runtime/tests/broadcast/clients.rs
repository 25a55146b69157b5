//! Who counts as a client, and when readers end.

use ereo_runtime::{ClientSet, LastEventId};

use crate::support::{Step, message, send, step, steps};

#[test]
fn a_subscription_counts_from_its_first_read_until_it_is_dropped() {
    let set = ClientSet::<String>::new();
    let mut one = set.subscribe(LastEventId::none());
    let mut two = set.subscribe(LastEventId::none());
    assert!(set.is_empty(), "nobody has read");
    step(&mut one);
    assert_eq!(set.len(), 1);
    step(&mut one);
    assert_eq!(set.len(), 1, "once each");
    step(&mut two);
    assert_eq!(set.len(), 2);
    drop(one);
    assert_eq!(set.len(), 1);
    drop(two);
    assert!(set.is_empty());
}

#[test]
fn a_subscription_that_is_never_read_never_counts() {
    let set = ClientSet::<String>::new();
    let mut changes = set.watch_len();
    drop(set.subscribe(LastEventId::none()));
    assert!(!changes.has_changed().unwrap());
    assert_eq!(*changes.borrow_and_update(), 0);
}

/// The reset was handed out before the reader joined, so that `len` was one short until then.
#[test]
fn a_subscription_that_begins_with_a_reset_counts_from_that_reset() {
    let set = ClientSet::<String>::new();
    let mut reader = set.subscribe(ClientSet::<String>::new().position().into());
    assert!(matches!(step(&mut reader), Step::Reset { .. }));
    assert_eq!(set.len(), 1);
}

#[test]
fn views_count_once() {
    let set = ClientSet::<String>::new();
    let foreign = ClientSet::<String>::new().position();
    let mut reader = set.subscribe(foreign.into()).filter(|_| true).map(String::len);
    step(&mut reader);
    step(&mut reader);
    assert_eq!(set.len(), 1);
    drop(reader);
    assert_eq!(set.len(), 0);
}

#[tokio::test]
async fn a_change_of_the_number_of_clients_can_be_waited_for() {
    let set = ClientSet::<String>::new();
    let mut len = set.watch_len();
    let mut reader = set.subscribe(LastEventId::none());
    let (seen, ()) = tokio::join!(
        biased;
        async {
            len.changed().await.unwrap();
            let joined = *len.borrow_and_update();
            len.changed().await.unwrap();
            [joined, *len.borrow_and_update()]
        },
        async {
            step(&mut reader);
            tokio::task::yield_now().await;
            drop(reader);
        }
    );
    assert_eq!(seen, [1, 0]);
}

#[test]
fn readers_end_after_what_is_left_when_the_last_handle_is_dropped() {
    let set = ClientSet::new();
    let clone = set.clone();
    let mut reader = set.subscribe(LastEventId::none());
    send(&set, 1..=2);
    assert_eq!(step(&mut reader), message(1));
    drop(set);
    assert_eq!(step(&mut reader), message(2));
    assert_eq!(step(&mut reader), Step::Waits, "a handle is left");
    clone.broadcast(&"3".to_owned()).unwrap();
    drop(clone);
    assert_eq!([step(&mut reader), step(&mut reader)], [message(3), Step::End]);
    assert_eq!(step(&mut reader), Step::End, "for good");
}

#[tokio::test]
async fn a_reader_that_waits_is_woken_by_the_end() {
    let set = ClientSet::<String>::new();
    let mut reader = set.subscribe(LastEventId::none());
    let (end, ()) = tokio::join!(biased; reader.recv(), async move { drop(set) });
    assert!(end.is_none());
}

#[test]
fn a_subscription_first_read_after_the_end_still_reads_what_is_left() {
    let set = ClientSet::new();
    let start = set.position();
    send(&set, 1..=1);
    let mut replay = set.subscribe(start.into());
    let mut fresh = set.subscribe(LastEventId::none());
    drop(set);
    assert_eq!([step(&mut replay), step(&mut replay)], [message(1), Step::End]);
    assert_eq!(step(&mut fresh), Step::End);
}

#[test]
fn clones_are_one_set() {
    let set = ClientSet::new();
    let clone = set.clone();
    let mut reader = clone.subscribe(LastEventId::none());
    send(&set, 1..=1);
    assert_eq!(steps(&mut reader), [message(1)]);
    assert_eq!((set.len(), set.position()), (1, clone.position()));
}

#[tokio::test]
async fn nothing_is_lost_when_a_wait_is_given_up() {
    let set = ClientSet::new();
    let mut reader = set.subscribe(LastEventId::none());
    tokio::select! {
        biased;
        _ = reader.recv() => panic!("nothing was sent"),
        () = std::future::ready(()) => {}
    }
    send(&set, 1..=1);
    assert_eq!(steps(&mut reader), [message(1)]);
}
