//! Messages without a place: for who is there, at their place in the order, and nothing lost for them.

use ereo_runtime::{ClientSet, LastEventId, Subscription};

use crate::support::{Step, message, send, settle, step, steps};

fn reader(set: &ClientSet<String>) -> Subscription<String> {
    let mut reader = set.subscribe(LastEventId::none());
    // It is there once it is read.
    assert_eq!(step(&mut reader), Step::Waits);
    reader
}

fn ephemeral(set: &ClientSet<String>, text: &str) {
    set.broadcast_ephemeral(&text.to_owned()).unwrap();
}

/// A message without place comes with the reader's.
fn beside(offset: u64, text: &str) -> Step {
    Step::Message(offset, text.to_owned())
}

#[test]
fn it_comes_at_its_place_and_has_none() {
    let set = ClientSet::<String>::new();
    let mut reader = reader(&set);
    send(&set, 1..=1);
    ephemeral(&set, "a");
    ephemeral(&set, "b");
    send(&set, 2..=3);
    ephemeral(&set, "c");
    assert_eq!(set.position().offset(), 3);
    assert_eq!(
        steps(&mut reader),
        [message(1), beside(1, "a"), beside(1, "b"), message(2), message(3), beside(3, "c")]
    );
    assert_eq!(reader.position(), set.position());
    assert_eq!(set.stats().broadcasts, 3);
}

#[tokio::test]
async fn it_wakes_who_waits() {
    let set = ClientSet::<String>::new();
    let mut reader = reader(&set);
    let publisher = set.clone();
    let (given, ()) = tokio::join!(reader.recv(), async move {
        tokio::task::yield_now().await;
        ephemeral(&publisher, "a");
    });
    assert_eq!(Step::from(given.unwrap()), beside(0, "a"));
}

#[test]
fn nobody_who_comes_later_or_again_is_sent_it() {
    let set = ClientSet::<String>::new();
    let start = set.position();
    send(&set, 1..=1);
    ephemeral(&set, "a");
    let mut late = reader(&set);
    let mut again = set.subscribe(start.into());
    assert_eq!(steps(&mut again), [message(1)]);
    assert_eq!(steps(&mut late), []);
    ephemeral(&set, "b");
    assert_eq!(steps(&mut again), [beside(1, "b")]);
    assert_eq!(steps(&mut late), [beside(1, "b")]);
}

#[tokio::test(start_paused = true)]
async fn who_is_behind_goes_without_it_and_that_is_no_lag() {
    let set = ClientSet::<String>::builder().history(4).build();
    let mut slow = reader(&set);
    for n in 0..1_000 {
        ephemeral(&set, &n.to_string());
    }
    settle(&set).await;
    let given = steps(&mut slow);
    assert!(given.len() < 100, "the newest alone: {}", given.len());
    assert_eq!(given.last(), Some(&beside(0, "999")));
    assert_eq!(set.stats().lagged, 0);
    send(&set, 1..=1);
    assert_eq!(step(&mut slow), message(1));
}

#[tokio::test(start_paused = true)]
async fn it_pushes_nothing_out_that_is_kept() {
    let set = ClientSet::<String>::builder().history(2).max_bytes(4 << 10).build();
    let start = set.position();
    send(&set, 1..=2);
    for _ in 0..200 {
        ephemeral(&set, &"x".repeat(1_000));
    }
    settle(&set).await;
    assert_eq!(steps(&mut set.subscribe(start.into())), [message(1), message(2)]);
    let error = set.broadcast_ephemeral(&"x".repeat(5 << 10)).unwrap_err();
    assert!(error.to_string().contains("4096"), "{error}");
}

#[test]
fn views_see_it() {
    let set = ClientSet::<String>::new();
    let mut mapped = reader(&set).filter(|text| text != "no").map(|text| text.len());
    let mut until = reader(&set).take_until(|text| text == "over");
    ephemeral(&set, "no");
    ephemeral(&set, "four");
    ephemeral(&set, "over");
    assert_eq!(steps(&mut mapped), [Step::Message(0, 4), Step::Message(0, 4)]);
    assert_eq!(step(&mut until), beside(0, "no"));
    assert_eq!(step(&mut until), beside(0, "four"));
    assert_eq!(step(&mut until), beside(0, "over"));
    assert_eq!(step(&mut until), Step::End);
}

#[test]
fn merged_sets_give_it_with_the_position_of_all() {
    let sets = [ClientSet::<String>::new(), ClientSet::<String>::new()];
    let [a, b] = sets.each_ref().map(reader);
    let mut both = a.merge(b);
    send(&sets[1], 1..=1);
    ephemeral(&sets[0], "a");
    let id = |both: &Subscription<String>| both.last_event_id().to_string();
    let before = id(&both);
    let mut seen = steps(&mut both);
    seen.sort_by_key(|step| format!("{step:?}"));
    assert_eq!(seen.len(), 2);
    assert_ne!(id(&both), before);
    ephemeral(&sets[1], "b");
    let before = id(&both);
    assert_eq!(steps(&mut both).len(), 1);
    assert_eq!(id(&both), before);
}
