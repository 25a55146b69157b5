//! What a set over a store promises, whatever the store does.

use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use super::memory::Memory;
use super::{Health, WhenDown};
use crate::broadcast::{BroadcastError, ClientSet, Delivery, ResetReason, Subscription, Unplaced};
use crate::log::{LastEventId, Position};

const NAME: &str = "set";

fn set(store: &Memory) -> ClientSet<String> {
    ClientSet::builder().history(100).store(store.log(NAME)).build()
}

fn text(message: impl ToString) -> String {
    message.to_string()
}

/// What a reader is told, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Message(String),
    Reset(ResetReason, Option<u64>),
}

/// What comes within a second, and where the reader is then.
async fn told(reader: &mut Subscription<String>) -> Vec<Told> {
    let mut all = Vec::new();
    while let Ok(Some(delivery)) = timeout(Duration::from_secs(3), reader.recv()).await {
        all.push(match delivery {
            Delivery::Message { message, .. } => Told::Message(message.clone()),
            Delivery::Reset { reason, missed, .. } => Told::Reset(reason, missed),
            _ => unreachable!("nothing is filtered and nothing expires"),
        });
    }
    all
}

fn messages<M: ToString>(texts: impl IntoIterator<Item = M>) -> Vec<Told> {
    texts.into_iter().map(|message| Told::Message(text(message))).collect()
}

async fn send(set: &ClientSet<String>, texts: std::ops::Range<u32>) -> Position {
    let mut last = None;
    for n in texts {
        last = Some(set.broadcast(&text(n)).unwrap().await.unwrap());
    }
    last.unwrap()
}

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
async fn what_this_version_cannot_read_is_told() {
    let store = Memory::default();
    let set = set(&store);
    let mut reader = set.subscribe(LastEventId::none()).on_lag(crate::OnLag::SkipToOldest);
    send(&set, 0..1).await;
    store.append_as_another(NAME, "{\"not\": \"a text\"}");
    store.append_as_another(NAME, "\"read\"");
    let mut expected = messages(["0"]);
    expected.push(Told::Reset(ResetReason::Lagged, Some(1)));
    expected.extend(messages(["read"]));
    assert_eq!(told(&mut reader).await, expected);
    let start = Position::new(reader.position().epoch(), 0);
    let mut again = self::set(&store).subscribe(start.into());
    assert_eq!(told(&mut again).await, [Told::Reset(ResetReason::Expired, Some(3))]);
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
