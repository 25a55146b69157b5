//! What every store promises, each case over each store: in memory, in a file, in Redis.

use std::collections::{HashMap, HashSet};

use futures_util::future::join_all;
use tokio::time::sleep;

use super::backends::{Backend, File, Server};
use super::*;
use crate::broadcast::store::backing::LogKey;
use crate::broadcast::store::{Batch, Draft, From, Limit, Store};
use crate::log::LastEventId;
use crate::sync::Arc;

macro_rules! each {
    ($($case:ident),* $(,)?) => {
        mod memory {
            $(
                #[tokio::test(start_paused = true)]
                async fn $case() {
                    super::$case(super::Memory::default()).await;
                }
            )*
        }
        mod sqlite {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case(super::File::new(stringify!($case))).await;
                }
            )*
        }
        mod redis {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case(super::Server::new().await).await;
                }
            )*
        }
    };
}

each![
    many_publishers_have_one_order_without_holes,
    a_burst_is_placed_as_it_came,
    who_comes_back_goes_on_from_every_offset_over_a_restart,
    who_has_seen_nothing_goes_on_too,
    what_is_kept_is_bounded_by_its_number,
    what_is_kept_is_bounded_by_its_bytes,
    what_is_too_old_is_not_sent_again,
    a_position_of_another_log_is_told,
    rooms_are_logs_of_their_own,
    what_cannot_be_read_is_told,
    what_is_held_when_the_set_ends_is_placed,
    messages_of_any_size_and_text_come_back_as_they_were,
    a_log_is_read_in_parts,
    restarts_are_remembered_as_far_as_somebody_may_come_back,
];

fn set(store: &impl Backend) -> ClientSet<String> {
    ClientSet::builder().history(5000).store(store.log(NAME)).build()
}

/// The next deliveries, so many.
async fn take(reader: &mut Subscription<String>, count: usize) -> Vec<Told> {
    let mut all = Vec::new();
    while all.len() < count {
        let delivery = timeout(Duration::from_secs(20), reader.recv()).await;
        all.push(match delivery.unwrap_or_else(|_| panic!("{count} behind {all:?}")) {
            Some(Delivery::Message { message, .. }) => Told::Message(message.clone()),
            Some(Delivery::Reset { reason, missed, .. }) => Told::Reset(reason, missed),
            other => panic!("{other:?}"),
        });
    }
    all
}

async fn nothing_more(reader: &mut Subscription<String>) {
    let more = timeout(Duration::from_millis(20), reader.recv()).await;
    assert!(more.is_err(), "{more:?}");
}

async fn many_publishers_have_one_order_without_holes(store: impl Backend) {
    let set = set(&store);
    let mut reader = set.subscribe(LastEventId::none());
    reader.opened().await;
    let publish = |at: usize| {
        let set = set.clone();
        tokio::spawn(async move {
            let mut places = Vec::new();
            for n in 0..25 {
                let receipt = set.broadcast(&format!("{at} {n}")).unwrap();
                if n % 4 == 0 {
                    tokio::task::yield_now().await;
                }
                places.push((format!("{at} {n}"), receipt));
            }
            let placed = places
                .into_iter()
                .map(|(text, receipt)| async { (receipt.await.unwrap().offset(), text) });
            join_all(placed).await
        })
    };
    let placed = join_all((0..8).map(publish)).await;
    let placed: HashMap<_, _> = placed.into_iter().flat_map(Result::unwrap).collect();
    let seen = take(&mut reader, 200).await;
    let expected = (1..=200).map(|offset| Told::Message(placed[&offset].clone()));
    assert_eq!(seen, expected.collect::<Vec<_>>());
    for at in 0..8 {
        let own = seen.iter().filter_map(|told| match told {
            Told::Message(text) => text.strip_prefix(&format!("{at} "))?.parse::<u32>().ok(),
            Told::Reset(..) => None,
        });
        assert!(own.collect::<Vec<_>>().is_sorted());
    }
    nothing_more(&mut reader).await;
}

async fn a_burst_is_placed_as_it_came(store: impl Backend) {
    let set = set(&store);
    let mut reader = set.subscribe(LastEventId::none());
    reader.opened().await;
    for n in 0..2000 {
        set.broadcast(&text(n)).unwrap();
    }
    assert_eq!(take(&mut reader, 2000).await, messages(0..2000));
}

async fn who_comes_back_goes_on_from_every_offset_over_a_restart(mut store: impl Backend) {
    let before = set(&store);
    let first = send(&before, 0..6).await;
    drop(before);
    store.starts_again().await;
    let after = set(&store);
    let last = send(&after, 6..9).await;
    assert_eq!(last.offset(), 9);
    assert_ne!(last.epoch(), first.epoch(), "it may have forgotten something");
    for at in 1..=9 {
        let epoch = if at <= 6 { first.epoch() } else { last.epoch() };
        let mut reader = after.subscribe(Position::new(epoch, at).into());
        let rest = usize::try_from(9 - at).unwrap();
        assert_eq!(take(&mut reader, rest).await, messages(at..9), "{at}");
        nothing_more(&mut reader).await;
    }
    let mut ahead = after.subscribe(Position::new(first.epoch(), 7).into());
    assert_eq!(take(&mut ahead, 1).await, [Told::Reset(ResetReason::Epoch, None)]);
}

async fn who_has_seen_nothing_goes_on_too(mut store: impl Backend) {
    let before = set(&store);
    let mut reader = before.subscribe(LastEventId::none());
    reader.opened().await;
    let start = reader.position();
    assert_eq!(start.offset(), 0);
    drop((reader, before));
    store.starts_again().await;
    let after = set(&store);
    let mut early = after.subscribe(start.into());
    early.opened().await;
    send(&after, 0..2).await;
    assert_eq!(take(&mut early, 2).await, messages(0..2));
    let mut late = after.subscribe(start.into());
    assert_eq!(take(&mut late, 2).await, messages(0..2));
}

async fn what_is_kept_is_bounded_by_its_number(mut store: impl Backend) {
    let few = |store: &_| -> ClientSet<String> {
        ClientSet::builder().history(3).store(Backend::log(store, NAME)).build()
    };
    let before = few(&store);
    let last = send(&before, 0..10).await;
    // What is young is kept for who is there: the next batch finds it old.
    sleep(Duration::from_millis(1100)).await;
    let epoch = send(&before, 10..11).await.epoch();
    assert_eq!(last.epoch(), epoch);
    let mut far = before.subscribe(Position::new(epoch, 2).into());
    assert_eq!(take(&mut far, 1).await, [Told::Reset(ResetReason::Expired, Some(9))]);
    drop((far, before));
    store.starts_again().await;
    let after = few(&store);
    let mut far = after.subscribe(Position::new(epoch, 2).into());
    assert_eq!(take(&mut far, 1).await, [Told::Reset(ResetReason::Expired, Some(9))]);
    let mut near = after.subscribe(Position::new(epoch, 8).into());
    assert_eq!(take(&mut near, 3).await, messages(8..11));
}

async fn what_is_kept_is_bounded_by_its_bytes(mut store: impl Backend) {
    let small = |store: &_| -> ClientSet<String> {
        let builder = ClientSet::builder().max_bytes(20_000);
        builder.store(Backend::log(store, NAME)).build()
    };
    let before = small(&store);
    let mut last = None;
    for n in 0..20 {
        let long = format!("{n} {}", "x".repeat(2000));
        last = Some(before.broadcast(&long).unwrap().await.unwrap());
    }
    let epoch = last.unwrap().epoch();
    drop(before);
    store.starts_again().await;
    let after = small(&store);
    let mut far = after.subscribe(Position::new(epoch, 1).into());
    assert_eq!(take(&mut far, 1).await, [Told::Reset(ResetReason::Expired, Some(19))]);
    let mut near = after.subscribe(Position::new(epoch, 19).into());
    assert!(
        matches!(&take(&mut near, 1).await[..], [Told::Message(text)] if text.starts_with("19 "))
    );
}

async fn what_is_too_old_is_not_sent_again(mut store: impl Backend) {
    let young = |store: &_| -> ClientSet<String> {
        let builder = ClientSet::builder().max_age(Duration::from_millis(500));
        builder.store(Backend::log(store, NAME)).build()
    };
    let before = young(&store);
    let epoch = send(&before, 0..3).await.epoch();
    drop(before);
    store.starts_again().await;
    let after = young(&store);
    after.subscribe(LastEventId::none()).opened().await;
    sleep(Duration::from_millis(700)).await;
    let mut reader = after.subscribe(Position::new(epoch, 1).into());
    assert_eq!(take(&mut reader, 1).await, [Told::Reset(ResetReason::Expired, Some(2))]);
}

async fn a_position_of_another_log_is_told(store: impl Backend) {
    let set = set(&store);
    let other = ClientSet::builder().store(store.log("other")).build();
    let mine = send(&set, 0..3).await;
    let foreign = send(&other, 0..2).await;
    assert_ne!(mine.epoch(), foreign.epoch());
    for position in [foreign, Position::new(foreign.epoch(), 0), Position::new(mine.epoch(), 4)] {
        let mut reader = set.subscribe(position.into());
        assert_eq!(take(&mut reader, 1).await, [Told::Reset(ResetReason::Epoch, None)]);
        assert_eq!(reader.position(), mine);
    }
}

async fn rooms_are_logs_of_their_own(mut store: impl Backend) {
    let names = ["a", "a/b", "a%2Fb", "", " ", "ü", "{a}"];
    let before = set(&store);
    let mut epochs = HashSet::new();
    for name in names {
        let placed = before.room(name).broadcast(&text(name)).unwrap().await.unwrap();
        assert_eq!(placed.offset(), 1, "{name:?}");
        epochs.insert(placed.epoch());
    }
    assert_eq!(epochs.len(), names.len());
    drop(before);
    store.starts_again().await;
    let after = set(&store);
    for name in names {
        let placed = after.room(name).broadcast(&text("more")).unwrap().await.unwrap();
        assert_eq!(placed.offset(), 2, "{name:?}");
    }
}

async fn what_cannot_be_read_is_told(mut store: impl Backend) {
    let numbers = ClientSet::<serde_json::Value>::builder().store(store.log(NAME)).build();
    let epoch = {
        let placed = numbers.broadcast(&serde_json::json!(1)).unwrap().await.unwrap();
        drop(numbers);
        placed.epoch()
    };
    store.starts_again().await;
    let texts = set(&store);
    let mut reader = texts.subscribe(Position::new(epoch, 0).into());
    let told = take(&mut reader, 1).await;
    assert!(matches!(told[..], [Told::Reset(..)]), "{told:?}");
    send(&texts, 2..3).await;
    assert_eq!(take(&mut reader, 1).await, messages([2]));
}

async fn what_is_held_when_the_set_ends_is_placed(mut store: impl Backend) {
    let set = set(&store);
    let receipts: Vec<_> = (0..50).map(|n| set.broadcast(&text(n)).unwrap()).collect();
    drop(set);
    for (receipt, n) in receipts.into_iter().zip(1..) {
        assert_eq!(receipt.await.unwrap().offset(), n);
    }
    store.starts_again().await;
    let after = self::set(&store);
    after.subscribe(LastEventId::none()).opened().await;
    assert_eq!(after.position().offset(), 50);
}

async fn messages_of_any_size_and_text_come_back_as_they_were(mut store: impl Backend) {
    let before = set(&store);
    let texts =
        [String::new(), "\0\r\n\u{1f600}\"\\".to_owned(), "x".repeat(1 << 20), text("last")];
    let mut first = None;
    for text in &texts {
        let placed = before.broadcast(text).unwrap().await.unwrap();
        first = first.or(Some(placed));
    }
    drop(before);
    store.starts_again().await;
    let after = set(&store);
    let mut reader = after.subscribe(Position::new(first.unwrap().epoch(), 1).into());
    assert_eq!(take(&mut reader, 3).await, messages(&texts[1..]));
}

async fn a_log_is_read_in_parts(store: impl Backend) {
    let (store, key) = store.log(NAME).parts();
    let drafts = |seqs: std::ops::RangeInclusive<u64>| {
        seqs.map(|seq| Draft { seq, payload: format!("{seq:04}").into() }).collect::<Vec<_>>()
    };
    let batch = |drafts, oldest| Batch { producer: 7, drafts, oldest };
    let appended = store.append(&key, batch(drafts(1..=300), 0)).await.unwrap();
    assert_eq!(appended.places, (1..=300).collect::<Vec<_>>());
    let appended = store.append(&key, batch(drafts(301..=600), 0)).await.unwrap();
    assert_eq!(appended.places, (301..=600).collect::<Vec<_>>());
    assert_parts(&store, &key, 1).await;
    // Those that need not be kept are let go of.
    store.append(&key, batch(drafts(601..=601), 101)).await.unwrap();
    assert_parts(&store, &key, 101).await;
}

async fn assert_parts(store: &Arc<dyn Store>, key: &LogKey, oldest: u64) {
    let limit = |count, bytes| Limit { count, bytes };
    let page = store.read(key, From::Newest, limit(5000, 1 << 20)).await.unwrap();
    let offsets =
        |page: &super::super::Page| page.entries.iter().map(|kept| kept.offset).collect::<Vec<_>>();
    assert_eq!(offsets(&page), (oldest..=page.head).collect::<Vec<_>>());
    for kept in &page.entries {
        assert_eq!(kept.payload, format!("{:04}", kept.offset));
        assert_eq!(kept.epoch, page.epochs.of(kept.offset));
    }
    for count in [1, 127, 128, 129, 300] {
        let newest = store.read(key, From::Newest, limit(count, 1 << 20)).await.unwrap();
        assert_eq!(
            offsets(&newest),
            (page.head + 1 - count as u64..=page.head).collect::<Vec<_>>()
        );
        for behind in [0, oldest, 250, page.head - 1, page.head] {
            let part = store.read(key, From::Behind(behind), limit(count, 1 << 20)).await.unwrap();
            let first = (behind + 1).max(oldest);
            let expected = (first..=page.head).take(count).collect::<Vec<_>>();
            assert_eq!(offsets(&part), expected, "{count} behind {behind}");
            assert_eq!(part.head, page.head);
        }
    }
}

async fn restarts_are_remembered_as_far_as_somebody_may_come_back(mut store: impl Backend) {
    let mut seen = Vec::new();
    for life in 0..5 {
        let set = set(&store);
        seen.push(send(&set, life..life + 1).await);
        drop(set);
        store.starts_again().await;
    }
    let set = set(&store);
    for (position, at) in seen.iter().zip(1..) {
        assert_eq!(position.offset(), at);
        let mut reader = set.subscribe((*position).into());
        let rest = usize::try_from(5 - at).unwrap();
        let at = u32::try_from(at).unwrap();
        assert_eq!(take(&mut reader, rest).await, messages(at..5), "{at}");
        nothing_more(&mut reader).await;
    }
}
