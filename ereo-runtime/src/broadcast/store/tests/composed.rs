//! What is made of several subscriptions, or has no place, over stores that have yet to say where they stand.

use super::*;
use crate::log::LastEventId;

fn two(stores: &[Memory; 2]) -> [ClientSet<String>; 2] {
    stores.each_ref().map(set)
}

/// Merged, and as one client sees it.
fn both(sets: &[ClientSet<String>; 2], last: LastEventId) -> Subscription<String> {
    let [one, other] = sets.each_ref().map(|set| set.subscribe(last));
    one.filter(|_| true).merge(other).map(String::clone)
}

#[tokio::test(start_paused = true)]
async fn a_merged_reader_waits_for_all_of_its_stores_and_resumes_in_each() {
    let stores = [Memory::default(), Memory::default()];
    let sets = two(&stores);
    let mut reader = both(&sets, LastEventId::none());
    reader.opened().await;
    for (set, text) in sets.iter().zip(["a", "b"]) {
        set.broadcast(&text.to_owned()).unwrap().await.unwrap();
    }
    assert_eq!(told(&mut reader).await.len(), 2);
    let last = reader.last_event_id();
    drop((reader, sets));
    stores.iter().for_each(|store| store.restart(0));
    stores[1].faults(|faults| faults.down = true);
    let sets = two(&stores);
    let mut reader = both(&sets, last);
    assert!(timeout(Duration::from_secs(10), reader.opened()).await.is_err());
    stores[1].faults(|faults| faults.down = false);
    sets[0].broadcast(&text("c")).unwrap().await.unwrap();
    sets[1].broadcast(&text("d")).unwrap().await.unwrap();
    let mut got = told(&mut reader).await;
    got.sort_by_key(|told| format!("{told:?}"));
    assert_eq!(got, messages(["c", "d"]), "and no reset");
    assert_eq!(reader.last_event_id().to_string().split('.').count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_merged_reader_is_told_of_one_store_that_has_forgotten() {
    let stores = [Memory::default(), Memory::default()];
    let sets = two(&stores);
    let mut reader = both(&sets, LastEventId::none());
    reader.opened().await;
    for set in &sets {
        send(set, 0..3).await;
    }
    assert_eq!(told(&mut reader).await.len(), 6);
    let last = reader.last_event_id();
    stores[1].restart(2);
    send(&sets[1], 7..8).await;
    assert_eq!(told(&mut reader).await[0], Told::Reset(ResetReason::Epoch, None), "who is there");
    drop((reader, sets));
    let sets = two(&stores);
    let mut reader = both(&sets, last);
    assert_eq!(told(&mut reader).await, [Told::Reset(ResetReason::Epoch, None)], "who comes back");
    let places = reader.last_event_id();
    let mut again = both(&sets, places);
    send(&sets[0], 3..4).await;
    assert_eq!(told(&mut reader).await, messages(3..4));
    assert_eq!(told(&mut again).await, messages(3..4));
}

#[tokio::test(start_paused = true)]
async fn a_last_message_is_known_again_after_a_restart() {
    let store = Memory::default();
    let until = |set: &ClientSet<String>, last: LastEventId| {
        set.subscribe(last).take_until(|text| text == "end").starting_with(text("first"))
    };
    let before = set(&store);
    let mut reader = until(&before, LastEventId::none());
    reader.opened().await;
    send(&before, 0..1).await;
    let end = before.broadcast(&text("end")).unwrap().await.unwrap();
    send(&before, 1..2).await;
    assert_eq!(told(&mut reader).await, messages(["first", "0", "end"]));
    drop((reader, before));
    store.restart(0);
    let after = set(&store);
    let mut over = until(&after, end.into());
    assert_eq!(told(&mut over).await, [], "it has ended");
    let mut fresh = until(&after, LastEventId::none());
    let mut earlier = until(&after, Position::new(end.epoch(), 1).into());
    assert_eq!(told(&mut fresh).await, messages(["first"]));
    assert_eq!(told(&mut earlier).await, messages(["first", "end"]));
    // The same of a set that is open already.
    assert_eq!(told(&mut until(&after, end.into())).await, []);
    // Merged with another it goes on.
    let mut both = after.subscribe(end.into()).take_until(|text| text == "end");
    both = both.merge(after.subscribe(Position::new(end.epoch(), 2).into()));
    assert_eq!(told(&mut both).await, messages(["1"]));
}

#[tokio::test(start_paused = true)]
async fn what_has_no_place_goes_past_the_store() {
    let store = Memory::default();
    let (here, there) = (set(&store), set(&store));
    let mut readers = [&here, &there].map(|set| set.subscribe(LastEventId::none()));
    for reader in &mut readers {
        assert_eq!(told(reader).await, []);
    }
    send(&here, 0..1).await;
    here.broadcast_ephemeral(&text("typing")).unwrap();
    send(&here, 1..2).await;
    assert_eq!(told(&mut readers[0]).await, messages(["0", "typing", "1"]));
    assert_eq!(told(&mut readers[1]).await, messages(["0", "1"]), "elsewhere nobody is typing");
    assert_eq!(here.position().offset(), 2);
    // It goes out while the store is down, and before the gap that a fork leaves.
    store.faults(|faults| faults.down = true);
    here.broadcast_ephemeral(&text("still")).unwrap();
    assert_eq!(told(&mut readers[0]).await, messages(["still"]));
    store.faults(|faults| faults.down = false);
    // Until it is asked again: what has no place waits for a second.
    tokio::time::sleep(Duration::from_secs(5)).await;
    here.broadcast_ephemeral(&text("before")).unwrap();
    store.restart(1);
    send(&here, 5..6).await;
    here.broadcast_ephemeral(&text("behind")).unwrap();
    let mut expected = messages(["before"]);
    expected.push(Told::Reset(ResetReason::Epoch, None));
    expected.extend(messages(["behind"]));
    assert_eq!(told(&mut readers[0]).await, expected);
    let mut back = here.subscribe(Position::new(here.position().epoch(), 0).into());
    let replayed = told(&mut back).await;
    assert!(!replayed.iter().any(|told| *told == messages(["behind"])[0]), "{replayed:?}");
}
