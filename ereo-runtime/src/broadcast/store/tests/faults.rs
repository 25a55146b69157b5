//! Stores that are down, forget, answer into the void, or say nothing.

use tokio::task::yield_now;
use tokio::time::sleep;

use super::*;
use crate::broadcast::store::{Health, WhenDown};
use crate::broadcast::{BroadcastError, Unplaced};
use crate::log::LastEventId;

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_doubles_nothing() {
    let store = Memory::default();
    let set = set(&store);
    let mut reader = set.subscribe(LastEventId::none());
    for lost in 0..4 {
        store.faults(|faults| faults.lost_answers = lost);
        let placed = set.broadcast(&text(lost)).unwrap().await.unwrap();
        assert_eq!(placed.offset(), lost as u64 + 1);
    }
    assert_eq!(told(&mut reader).await, messages(0..4));
}

#[tokio::test(start_paused = true)]
async fn what_the_store_forgot_is_told_to_those_who_had_seen_it_and_to_nobody_else() {
    let store = Memory::default();
    let (here, there) = (set(&store), set(&store));
    let mut connected = [&here, &there].map(|set| set.subscribe(LastEventId::none()));
    for reader in &mut connected {
        reader.opened().await;
    }
    let last = send(&here, 0..5).await;
    for reader in &mut connected {
        assert_eq!(told(reader).await, messages(0..5));
    }
    store.restart(2);
    assert_eq!(send(&there, 7..9).await.offset(), 5);
    let forgotten = Told::Reset(ResetReason::Epoch, None);
    for reader in &mut connected {
        let told = told(reader).await;
        assert_eq!(told[0], forgotten, "{told:?}");
        assert!([&messages(7..9)[..], &messages(8..9), &[]].contains(&&told[1..]), "{told:?}");
        assert_eq!(reader.position(), here.position());
    }
    for set in [&here, &there] {
        for at in 1..=5 {
            let mut reader = set.subscribe(Position::new(last.epoch(), at).into());
            let told = told(&mut reader).await;
            if at <= 3 {
                let rest: Vec<u32> = (at as u32..3).chain(7..9).collect();
                assert_eq!(told, messages(rest), "{at}");
            } else {
                assert_eq!(told[0], forgotten, "{at}");
            }
        }
    }
    let more = send(&here, 9..10).await;
    assert_eq!(more.offset(), 6);
    for reader in &mut connected {
        assert_eq!(told(reader).await, messages(9..10), "and go on");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_comes_back_empty_is_told_to_all() {
    let store = Memory::default();
    let set = set(&store);
    let mut reader = set.subscribe(LastEventId::none());
    send(&set, 0..3).await;
    assert_eq!(told(&mut reader).await, messages(0..3));
    store.flush();
    assert_eq!(send(&set, 3..4).await.offset(), 1);
    assert_eq!(told(&mut reader).await, [Told::Reset(ResetReason::Epoch, None)]);
    send(&set, 4..6).await;
    assert_eq!(told(&mut reader).await, messages(4..6));
    assert_eq!(reader.position(), set.position());
}

#[tokio::test(start_paused = true)]
async fn news_that_are_doubled_or_lost_are_healed() {
    let store = Memory::default();
    store.faults(|faults| faults.doubles = true);
    let (here, there) = (set(&store), set(&store));
    let mut reader = there.subscribe(LastEventId::none());
    reader.opened().await;
    // More at once than the subscription holds.
    (0..50).for_each(|n| drop(here.broadcast(&text(n)).unwrap()));
    assert_eq!(told(&mut reader).await, messages(0..50));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_dead_and_looks_alive_is_found() {
    let store = Memory::default();
    let set = set(&store);
    let mut reader = set.subscribe(LastEventId::none());
    assert_eq!(told(&mut reader).await, []);
    let follows = store.follows();
    store.faults(|faults| faults.deaf = true);
    for n in 0..4 {
        store.append_as_another(NAME, &format!("\"{n}\""));
        assert_eq!(told(&mut reader).await, messages([n]), "by the head alone");
    }
    assert!(store.follows() > follows, "it is made anew");
}

#[tokio::test(start_paused = true)]
async fn messages_are_held_while_the_store_is_down_and_placed_in_their_order() {
    let store = Memory::default();
    let set = ClientSet::builder().when_down(WhenDown::Hold(5)).store(store.log(NAME)).build();
    let mut reader = set.subscribe(LastEventId::none());
    send(&set, 0..1).await;
    store.faults(|faults| faults.down = true);
    let receipts: Vec<_> = (1..6).map(|n| set.broadcast(&text(n)).unwrap()).collect();
    let refused = set.broadcast(&text("too many")).unwrap_err();
    assert!(matches!(refused, BroadcastError::Full { held: 5 }), "{refused:?}");
    assert_eq!(told(&mut reader).await, messages(0..1), "it is still connected");
    assert!(matches!(set.health(), Health::Down { .. }));
    let mut health = set.watch_health();
    store.faults(|faults| faults.down = false);
    for (receipt, n) in receipts.into_iter().zip(2..) {
        assert_eq!(receipt.await.unwrap().offset(), n);
    }
    health.changed().await.unwrap();
    assert_eq!(set.health(), Health::Up);
    assert_eq!(told(&mut reader).await, messages(1..6));
}

#[tokio::test(start_paused = true)]
async fn a_process_is_ready_until_its_store_has_been_down_for_ten_seconds() {
    let store = Memory::default();
    let set = set(&store);
    send(&set, 0..1).await;
    store.faults(|faults| faults.down = true);
    let waits = set.broadcast(&text("waits")).unwrap();
    let mut health = set.watch_health();
    health.wait_for(|health| *health != Health::Up).await.unwrap();
    for second in 0..20 {
        assert_eq!(set.health().is_ready(), second < 10, "{second}");
        sleep(Duration::from_secs(1)).await;
    }
    store.faults(|faults| faults.down = false);
    waits.await.unwrap();
    assert!(set.health().is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_what_is_held_by_sets_and_rooms() {
    let store = Memory::default();
    let set = set(&store);
    let pulse = std::sync::Arc::clone(&set.core().stored().unwrap().backing.pulse);
    pulse.holds_nothing().await;
    store.faults(|faults| faults.down = true);
    let room = set.room("a");
    let receipts = [0, 1, 2].map(|n| (set.broadcast(&text(n)), room.broadcast(&text(n))));
    assert!(timeout(Duration::from_secs(30), pulse.holds_nothing()).await.is_err());
    store.faults(|faults| faults.down = false);
    pulse.holds_nothing().await;
    for (in_set, in_room) in receipts {
        in_set.unwrap().await.unwrap();
        in_room.unwrap().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_set_that_holds_nothing_refuses_while_the_store_is_down() {
    let store = Memory::default();
    let set = ClientSet::builder().when_down(WhenDown::Refuse).store(store.log(NAME)).build();
    send(&set, 0..1).await;
    store.faults(|faults| faults.refuses = true);
    let taken = set.broadcast(&text("taken")).unwrap();
    sleep(Duration::from_secs(1)).await;
    assert!(matches!(set.broadcast(&text("refused")), Err(BroadcastError::Down)));
    // A room's log can be read meanwhile, which says nothing of what can be appended.
    set.room("read").subscribe(LastEventId::none()).opened().await;
    assert!(matches!(set.health(), Health::Down { .. }));
    store.faults(|faults| faults.refuses = false);
    assert_eq!(taken.await.unwrap().offset(), 2);
    send(&set, 2..3).await;
}

#[tokio::test(start_paused = true)]
async fn a_set_that_ends_with_its_runtime_says_what_it_did_not_place() {
    let store = Memory::default();
    let set = set(&store);
    set.subscribe(LastEventId::none()).opened().await;
    store.faults(|faults| faults.delay = Duration::from_secs(3600));
    let appends = store.appends();
    let receipt = set.broadcast(&text("lost")).unwrap();
    let (ends, ended) = tokio::sync::oneshot::channel::<()>();
    drop(ends);
    let _ = ended.await;
    yield_now().await;
    assert_eq!(store.appends(), appends);
    // Its mirror is one of the tasks that end with the runtime.
    let outgoing = set.core().stored().map(|stored| std::sync::Arc::clone(&stored.outgoing));
    let held = outgoing.unwrap().take(1);
    drop(held);
    assert_eq!(receipt.await, Err(Unplaced::Shutdown));
}
