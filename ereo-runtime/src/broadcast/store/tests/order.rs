//! One order for all sets over a store, and who comes back to it.

use tokio::time::sleep;

use super::*;
use crate::log::LastEventId;

#[tokio::test(start_paused = true)]
async fn a_message_is_placed_and_then_shown_to_the_readers_of_all_sets() {
    let store = Memory::default();
    let (here, there) = (set(&store), set(&store));
    let mut readers = [&here, &there].map(|set| set.subscribe(LastEventId::none()));
    for reader in &mut readers {
        reader.opened().await;
    }
    let receipt = here.broadcast(&text("a")).unwrap();
    assert_eq!(receipt.position(), None, "not yet");
    let first = receipt.await.unwrap();
    assert_eq!((first.offset(), here.position()), (1, first));
    let second = there.broadcast(&text("b")).unwrap().await.unwrap();
    assert_eq!((second.offset(), second.epoch()), (2, first.epoch()));
    for reader in &mut readers {
        assert_eq!(told(reader).await, messages(["a", "b"]));
        assert_eq!(reader.position(), second);
    }
}

#[tokio::test(start_paused = true)]
async fn all_sets_have_one_order_with_many_publishers() {
    let store = Memory::default();
    store.faults(|faults| faults.delay = Duration::from_millis(3));
    let sets = [0; 3].map(|_| set(&store));
    let mut readers = sets.each_ref().map(|set| set.subscribe(LastEventId::none()));
    let publish = |at: usize| {
        let set = sets[at % 3].clone();
        tokio::spawn(async move {
            for n in 0..10 {
                set.broadcast(&format!("{at} {n}")).unwrap();
                if n % 3 == 0 {
                    sleep(Duration::from_millis(2)).await;
                }
            }
        })
    };
    futures_util::future::join_all((0..8).map(publish)).await;
    let first = told(&mut readers[0]).await;
    assert_eq!(first.len(), 80);
    for reader in &mut readers[1..] {
        assert_eq!(told(reader).await, first);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_goes_on_at_every_offset_after_a_restart() {
    let store = Memory::default();
    let before = set(&store);
    let start = {
        before.subscribe(LastEventId::none()).opened().await;
        before.position()
    };
    let last = send(&before, 0..5).await;
    drop(before);
    store.restart(0);
    let after = set(&store);
    for at in 0..=5 {
        let position = Position::new(if at == 0 { start.epoch() } else { last.epoch() }, at);
        let mut reader = after.subscribe(position.into());
        assert_eq!(told(&mut reader).await, messages(at..5), "{at}");
    }
    let next = send(&after, 5..6).await;
    assert_ne!(next.epoch(), last.epoch(), "the store has begun anew");
    assert_eq!(next.offset(), 6);
    let mut reader = after.subscribe(last.into());
    assert_eq!(told(&mut reader).await, messages(5..6));
    assert_eq!(reader.position(), next);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_comes_before_the_store_answers_misses_nothing() {
    let store = Memory::default();
    let before = set(&store);
    let last = send(&before, 0..3).await;
    drop(before);
    store.faults(|faults| faults.down = true);
    let set = set(&store);
    let mut fresh = set.subscribe(LastEventId::none()).filter(|_| true).map(String::clone);
    let mut back = set.subscribe(Position::new(last.epoch(), 1).into());
    assert!(timeout(Duration::from_secs(10), fresh.opened()).await.is_err());
    let placed = set.broadcast(&text(3)).unwrap();
    store.faults(|faults| faults.down = false);
    assert_eq!(placed.await.unwrap().offset(), 4);
    assert_eq!(told(&mut fresh).await, messages(3..4));
    assert_eq!(told(&mut back).await, messages(1..4));
    assert_eq!(fresh.position(), back.position());
}

#[tokio::test(start_paused = true)]
async fn history_that_is_gone_is_told_with_its_number() {
    let store = Memory::default();
    let before = set(&store);
    let last = send(&before, 0..6).await;
    drop(before);
    store.evict(4);
    let set = set(&store);
    let mut reader = set.subscribe(Position::new(last.epoch(), 1).into());
    assert_eq!(told(&mut reader).await, [Told::Reset(ResetReason::Expired, Some(5))]);
    let mut reader = set.subscribe(Position::new(last.epoch(), 4).into());
    assert_eq!(told(&mut reader).await, messages(4..6));
}

#[tokio::test(start_paused = true)]
async fn the_store_keeps_what_the_set_keeps() {
    let store = Memory::default();
    let set = ClientSet::builder().history(3).store(store.log(NAME)).build();
    for n in 0..20 {
        sleep(Duration::from_secs(2)).await;
        send(&set, n..n + 1).await;
    }
    let mut reader = self::set(&store).subscribe(LastEventId::none());
    reader.opened().await;
    let at = |offset| Position::new(reader.position().epoch(), offset);
    // One more than is kept, as what is let go of is told with the next.
    let mut reader = self::set(&store).subscribe(at(15).into());
    assert_eq!(told(&mut reader).await, [Told::Reset(ResetReason::Expired, Some(5))]);
    let mut reader = self::set(&store).subscribe(at(17).into());
    assert_eq!(told(&mut reader).await, messages(17..20));
}

#[tokio::test(start_paused = true)]
async fn what_this_version_cannot_read_is_told_in_its_place_and_costs_nobody_anything_else() {
    let store = Memory::default();
    let set = set(&store);
    let unreadable = |missed| Told::Reset(ResetReason::Unreadable, Some(missed));
    let mut expected = messages(["0"]);
    expected.push(unreadable(1));
    expected.extend(messages(["read"]));
    expected.push(unreadable(2));
    expected.extend(messages(["1"]));
    // Also one that would be disconnected for lagging.
    let mut reader = set.subscribe(LastEventId::none());
    assert_eq!(told(&mut reader).await, []);
    send(&set, 0..1).await;
    let payloads = ["{\"not\": \"a text\"}", "\"read\"", "no JSON", "1"];
    payloads.iter().for_each(|payload| store.append_as_another(NAME, payload));
    let last = send(&set, 1..2).await;
    assert_eq!(told(&mut reader).await, expected);
    assert_eq!((reader.position(), last.offset()), (last, 6));
    assert_eq!(set.stats().lagged, 0);
    for set in [&set, &self::set(&store)] {
        let mut again = set.subscribe(Position::new(last.epoch(), 0).into());
        assert_eq!(told(&mut again).await, expected, "who comes back is told where they stand");
        let mut between = set.subscribe(Position::new(last.epoch(), 4).into());
        assert_eq!(told(&mut between).await, [unreadable(1), messages(["1"])[0].clone()]);
    }
}

#[tokio::test(start_paused = true)]
async fn each_room_is_a_log_of_its_own() {
    let store = Memory::default();
    let (here, there) = (set(&store), set(&store));
    for room in ["a", "a/b", "a%2Fb", "", " "] {
        let mut reader = there.room(room).subscribe(LastEventId::none());
        reader.opened().await;
        let placed = here.room(room).broadcast(&text(room)).unwrap().await.unwrap();
        assert_eq!(placed.offset(), 1, "{room:?}");
        assert_eq!(told(&mut reader).await, messages([room]));
    }
    let inner = here.room("a").room("b").broadcast(&text("inner")).unwrap().await.unwrap();
    assert_eq!(inner.offset(), 1, "and so is a room of a room");
}

#[tokio::test(start_paused = true)]
async fn what_is_held_is_placed_when_the_set_has_ended_and_its_readers_get_it() {
    let store = Memory::default();
    let set = set(&store);
    let mut reader = set.subscribe(LastEventId::none());
    reader.opened().await;
    let receipt = set.broadcast(&text("last")).unwrap();
    drop(set);
    assert_eq!(receipt.await.unwrap().offset(), 1);
    assert_eq!(told(&mut reader).await, messages(["last"]));
    assert!(reader.recv().await.is_none(), "and it ends");
}
