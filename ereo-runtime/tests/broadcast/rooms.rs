//! How many rooms there may be, how much they keep together, and when they are freed.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use ereo_runtime::{
    BroadcastError, ClientSet, EncodeError, Event, LastEventId, Message, Payload, PresenceEvent,
    ResetReason, RoomRefused, Subscription,
};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::{advance, sleep};

use crate::support::{Step, step, steps};

const KEEP: Duration = Duration::from_secs(300);
/// A room that was in use is looked at as often as this.
const INTERVAL: Duration = Duration::from_secs(60);

type Set = ClientSet<String>;

/// A text of so many bytes, which can be told to be freed.
#[derive(Clone)]
struct Tracked(usize, #[expect(dead_code, reason = "held to be counted")] Arc<()>);

impl Message for Tracked {
    fn to_event(&self) -> Result<Event, EncodeError> {
        Ok(Event::new("x".repeat(self.0)))
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        "x".repeat(self.0).to_payload()
    }
}

/// A message whose copies are counted.
struct Tracker(Arc<()>);

impl Tracker {
    fn new() -> Self {
        Self(Arc::new(()))
    }

    fn message(&self, size: usize) -> Tracked {
        Tracked(size, Arc::clone(&self.0))
    }

    /// How many messages are kept.
    fn kept(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}

fn reader(set: &Set) -> Subscription<String> {
    let mut reader = set.subscribe(LastEventId::none());
    assert_eq!(step(&mut reader), Step::Waits);
    reader
}

fn paused() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn empty_rooms_are_freed_though_no_further_room_is_asked_for() {
    let (set, tracker) = (ClientSet::<Tracked>::new(), Tracker::new());
    for n in 0..1000 {
        set.room(n).broadcast(&tracker.message(10)).unwrap();
    }
    sleep(KEEP).await;
    assert_eq!(tracker.kept(), 1000);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(tracker.kept(), 0);
    assert_eq!(set.rooms(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_room_that_was_in_use_is_freed_soon_after_its_last_client_has_left() {
    let (set, tracker) = (ClientSet::<Tracked>::new(), Tracker::new());
    let mut reader = set.room("a").subscribe(LastEventId::none());
    set.room("a").broadcast(&tracker.message(10)).unwrap();
    while !matches!(step(&mut reader), Step::Waits) {}
    sleep(KEEP * 3).await;
    assert_eq!(tracker.kept(), 1, "somebody is there");
    drop(reader);
    sleep(INTERVAL + Duration::from_secs(1)).await;
    assert_eq!(tracker.kept(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_set_with_a_maximum_age_frees_its_rooms_by_that() {
    let set = ClientSet::<Tracked>::builder().max_age(Duration::from_secs(5)).build();
    let tracker = Tracker::new();
    set.room("a").broadcast(&tracker.message(10)).unwrap();
    sleep(Duration::from_secs(5)).await;
    assert_eq!(tracker.kept(), 1);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(tracker.kept(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_room_is_kept_from_its_newest_message_on() {
    let set = Set::new();
    for n in 0..10 {
        set.room("a").broadcast(&n.to_string()).unwrap();
        sleep(KEEP - Duration::from_secs(1)).await;
    }
    assert_eq!(set.room("a").position().offset(), 10);
}

#[tokio::test(start_paused = true)]
async fn the_task_ends_with_the_last_room_and_the_next_room_starts_another() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let (set, tracker) = (ClientSet::<Tracked>::new(), Tracker::new());
    for round in 0..3 {
        assert_eq!(tasks(), 0, "round {round}");
        for n in 0..3 {
            set.room(n).broadcast(&tracker.message(10)).unwrap();
        }
        assert_eq!(tasks(), 1);
        sleep(KEEP + Duration::from_secs(2)).await;
        assert_eq!(tracker.kept(), 0);
    }
    drop(set.room("last"));
    drop(set);
    sleep(INTERVAL + Duration::from_secs(1)).await;
    assert_eq!(tasks(), 0, "with the set");
}

#[test]
fn a_set_outlives_the_runtime_that_freed_its_rooms() {
    let (set, tracker) = (ClientSet::<Tracked>::new(), Tracker::new());
    let runtime = paused();
    runtime.block_on(async { set.room("a").broadcast(&tracker.message(10)) }).unwrap();
    drop(runtime);
    paused().block_on(async {
        set.room("b").broadcast(&tracker.message(10)).unwrap();
        sleep(KEEP + INTERVAL).await;
        assert_eq!(tracker.kept(), 0);
    });
}

/// The task that was started is not run: who asks for rooms does its work.
#[test]
fn without_a_runtime_that_runs_whoever_asks_frees_rooms() {
    let set = ClientSet::<Tracked>::builder().max_age(Duration::from_millis(1)).build();
    let tracker = Tracker::new();
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    for n in 0..200 {
        let entered = (n % 2 == 0).then(|| runtime.enter());
        set.room(n).broadcast(&tracker.message(10)).unwrap();
        drop(entered);
    }
    thread::sleep(Duration::from_millis(1100));
    set.room("one more");
    assert!((1..200).contains(&tracker.kept()), "some of them: {}", tracker.kept());
    assert_eq!(set.rooms(), 1);
    assert_eq!(tracker.kept(), 0);
}

/// A runtime without timers: the task cannot run there, and nothing comes of it.
#[test]
fn a_runtime_without_timers_is_as_good_as_none() {
    let set = ClientSet::<Tracked>::builder().max_age(Duration::from_millis(1)).build();
    let tracker = Tracker::new();
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for n in 0..3 {
            set.room(n).broadcast(&tracker.message(10)).unwrap();
            tokio::task::yield_now().await;
        }
    });
    thread::sleep(Duration::from_millis(1100));
    assert_eq!((set.rooms(), tracker.kept()), (0, 0));
}

#[test]
fn one_room_too_many_takes_nobody_and_hurts_no_other() {
    let set = Set::builder().max_rooms(3).build();
    let names = ["a", "b", "c"];
    let mut readers = names.map(|name| reader(&set.room(name)));
    assert_eq!(set.try_room("d").err(), Some(RoomRefused::TooMany));
    let refused = set.room("d");
    assert!(refused.subscribe(LastEventId::none()).claim().is_err());
    let mut unclaimed = refused.subscribe(LastEventId::none());
    assert_eq!(step(&mut unclaimed), Step::End);
    let why = refused.broadcast(&"lost".to_owned()).unwrap_err();
    assert!(matches!(why, BroadcastError::Encode(EncodeError::Room(RoomRefused::TooMany))));
    assert_eq!((refused.position().offset(), refused.rooms()), (0, 0));
    assert_eq!(refused.try_room("e").err(), Some(RoomRefused::TooMany));
    assert!(refused.members().is_empty());
    let mut presence = refused.presence();
    let mut told = || pin!(presence.recv()).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(told(), Poll::Ready(Some(PresenceEvent::Members { members: Vec::new() })));
    assert_eq!(told(), Poll::Ready(None));
    assert_eq!(set.rooms(), 3, "it is not kept");
    for (name, reader) in names.iter().zip(&mut readers) {
        set.room(name).broadcast(&(*name).to_owned()).unwrap();
        assert_eq!(steps(reader), [Step::Message(1, (*name).to_owned())]);
    }
    let [_a, b, _c] = readers;
    drop(b);
    // Looked for in vain a moment ago: it is found by the next few all the same.
    set.try_room("d").unwrap().broadcast(&"there".to_owned()).unwrap();
    assert_eq!(set.rooms(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_room_that_has_been_empty_for_longest_makes_room_for_another() {
    let set = Set::builder().max_rooms(100).build();
    let told = |name: u32| assert!(set.room(name).broadcast(&name.to_string()).is_ok());
    let mut inside = Vec::new();
    for name in 0..100 {
        told(name);
        if name % 10 == 0 {
            inside.push(reader(&set.room(name)));
        }
        advance(Duration::from_secs(1)).await;
    }
    // Some of them were seen to be empty by now, and some were not.
    (100..145).for_each(told);
    assert_eq!(set.rooms(), 100);
    let is_there = |name: &u32| set.room(name).position().offset() == 1;
    let (kept, gone): (Vec<_>, Vec<_>) = (50..145).partition(is_there);
    assert_eq!((kept.len(), gone.len()), (95, 0));
    assert_eq!((0..50).filter(|name| name % 10 == 0).filter(is_there).count(), 5);
}

/// The longest names that clients can choose, in their thousands: memory and every room stay usable.
#[test]
fn a_flood_of_names_leaves_no_more_than_there_may_be() {
    let set = Set::builder().max_rooms(1000).build();
    let mut there = reader(&set.room("there"));
    for n in 0..20_000 {
        set.try_room(format!("{n:0255}")).unwrap().broadcast(&"x".to_owned()).unwrap();
    }
    assert_eq!(set.rooms(), 1000);
    set.room("there").broadcast(&"still".to_owned()).unwrap();
    assert_eq!(steps(&mut there), [Step::Message(1, "still".to_owned())]);
}

#[test]
fn a_name_has_255_bytes_at_most() {
    let set = Set::new();
    assert!(set.try_room("x".repeat(255)).is_ok());
    for name in ["x".repeat(256), "ä".repeat(128), "x".repeat(1 << 20)] {
        assert_eq!(set.try_room(&name).err(), Some(RoomRefused::NameTooLong));
        assert!(set.room(&name).subscribe(LastEventId::none()).claim().is_err());
    }
    assert_eq!(set.rooms(), 1);
}

#[tokio::test(start_paused = true)]
async fn rooms_of_rooms_count_with_the_others() {
    let set = Set::builder().max_rooms(3).build();
    let (tenant, other) = (set.room("tenant"), set.room("other"));
    let inside = reader(&tenant.room("inside"));
    assert_eq!(tenant.try_room("one more").err(), Some(RoomRefused::TooMany));
    assert_eq!(set.try_room("one more").err(), Some(RoomRefused::TooMany));
    drop(other);
    assert!(tenant.try_room("one more").is_ok(), "in place of an empty one of the set's");
    // A room stays for those in its rooms.
    let epoch = tenant.position().epoch();
    drop(tenant);
    sleep(KEEP * 3).await;
    assert_eq!(set.room("tenant").position().epoch(), epoch);
    drop(inside);
    sleep(KEEP * 3).await;
    assert_eq!(set.rooms(), 0);
    (0..3).for_each(|n| assert!(set.try_room(n).is_ok()));
}

const MANY_BYTES: usize = 4 << 20;
const LARGE: usize = 60_000;
/// How many messages of that size fit, of which one kind of form and a value that refers to something are
/// counted.
const FITS: usize = MANY_BYTES / (2 * LARGE);

fn bounded() -> ClientSet<Tracked> {
    ClientSet::builder().max_room_bytes(MANY_BYTES).build()
}

/// FAULTS F4: each is in a room of its own, which is empty afterwards.
#[test]
fn what_empty_rooms_keep_together_is_bounded() {
    let (set, tracker) = (bounded(), Tracker::new());
    for n in 0..1000 {
        set.room(n).broadcast(&tracker.message(LARGE)).unwrap();
    }
    assert!((FITS * 9 / 10..=FITS).contains(&tracker.kept()), "{}", tracker.kept());
    assert_eq!(set.room(999).position().offset(), 1, "the newest is there");
    assert_eq!(set.room(0).position().offset(), 0, "the oldest is not");
}

#[test]
fn empty_rooms_go_before_any_message_of_those_with_somebody_inside() {
    let (set, tracker) = (bounded(), Tracker::new());
    let room = set.room("inside");
    let start = room.position();
    for _ in 0..FITS / 3 {
        room.broadcast(&tracker.message(LARGE)).unwrap();
    }
    for n in 0..200 {
        set.room(n).broadcast(&tracker.message(LARGE)).unwrap();
    }
    assert_eq!(steps_of(&mut room.subscribe(start.into())), FITS / 3);
    assert!(tracker.kept() <= FITS);
}

/// How many messages there are for the reader; it must not be told that any is missing.
fn steps_of(reader: &mut Subscription<Tracked>) -> usize {
    let mut messages = 0;
    loop {
        match pin!(reader.recv()).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(ereo_runtime::Delivery::Message { .. })) => messages += 1,
            Poll::Ready(other) => panic!("{other:?}", other = other.map(|_| "no message")),
            Poll::Pending => return messages,
        }
    }
}

#[test]
fn the_largest_rooms_are_trimmed_and_their_readers_told() {
    let (set, tracker) = (bounded(), Tracker::new());
    let small = set.room("small");
    let small_start = small.position();
    for _ in 0..100 {
        small.broadcast(&tracker.message(100)).unwrap();
    }
    let large: Vec<_> = (0..3).map(|n| set.room(format!("large {n}"))).collect();
    let starts: Vec<_> = large.iter().map(ClientSet::position).collect();
    for _ in 0..FITS {
        for room in &large {
            room.broadcast(&tracker.message(LARGE)).unwrap();
        }
    }
    assert!(tracker.kept() <= FITS + 100, "{}", tracker.kept());
    assert_eq!(steps_of(&mut small.subscribe(small_start.into())), 100, "it is not the cause");
    for (room, start) in large.iter().zip(starts) {
        let mut reader = room.subscribe(start.into());
        let first = pin!(reader.recv()).poll(&mut Context::from_waker(Waker::noop()));
        let missed = match first {
            Poll::Ready(Some(ereo_runtime::Delivery::Reset { reason, missed, .. })) => {
                assert_eq!(reason, ResetReason::Expired);
                missed
            }
            _ => panic!("it was told nothing"),
        };
        assert_eq!(missed, Some(FITS as u64));
        let newest = room.broadcast(&tracker.message(LARGE)).unwrap();
        assert_eq!(newest.position().unwrap().offset(), FITS as u64 + 1);
        assert_eq!(steps_of(&mut reader), 1, "and goes on");
    }
}

/// Even where each room keeps its newest message only, those are too much together.
#[test]
fn many_rooms_with_one_message_each_are_bounded_too() {
    let (set, tracker) = (bounded(), Tracker::new());
    let rooms: Vec<_> = (0..4 * FITS).map(|n| set.room(n)).collect();
    for room in &rooms {
        let mut reader = room.subscribe(LastEventId::none());
        assert_eq!(steps_of(&mut reader), 0);
        room.broadcast(&tracker.message(LARGE)).unwrap();
        assert_eq!(steps_of(&mut reader), 1, "what was just sent stays");
    }
    assert!(tracker.kept() <= FITS, "{}", tracker.kept());
}

#[test]
fn a_message_that_is_larger_than_all_that_rooms_may_keep_still_reaches_its_readers() {
    let set = ClientSet::<Tracked>::builder().max_room_bytes(0).build();
    let tracker = Tracker::new();
    let (one, two) = (set.room("one"), set.room("two"));
    let mut readers = [&one, &two].map(|room| room.subscribe(LastEventId::none()));
    readers.iter_mut().for_each(|reader| assert_eq!(steps_of(reader), 0));
    for room in [&one, &two, &one] {
        room.broadcast(&tracker.message(LARGE)).unwrap();
        assert_eq!(readers.iter_mut().map(steps_of).sum::<usize>(), 1);
    }
    assert_eq!(tracker.kept(), 1);
    assert!(set.broadcast(&tracker.message(LARGE)).is_ok(), "the set itself is no room");
    assert_eq!(tracker.kept(), 2);
}

/// Publishers, readers and names on several threads at once, against bounds that all of them meet.
#[test]
fn bounds_hold_with_many_threads() {
    const ROOMS: usize = 50;
    let set = ClientSet::<Tracked>::builder().max_rooms(ROOMS).max_room_bytes(1 << 20).build();
    let tracker = Tracker::new();
    thread::scope(|scope| {
        for seed in 0..4 {
            let (set, tracker) = (&set, &tracker);
            scope.spawn(move || {
                for n in 0..2000 {
                    let room = set.room((n * 7 + seed * 13) % 120);
                    let mut reader = room.subscribe(LastEventId::none());
                    match room.broadcast(&tracker.message(n % 50 * 1000)) {
                        Ok(_) => {
                            drop(pin!(reader.recv()).poll(&mut Context::from_waker(Waker::noop())))
                        }
                        Err(why) => {
                            assert!(matches!(why, BroadcastError::Encode(EncodeError::Room(_))))
                        }
                    }
                }
            });
        }
    });
    assert!(set.rooms() <= ROOMS);
    // What is kept is at least as large as its encoded bytes.
    set.room("a").broadcast(&tracker.message(1)).unwrap();
    let kept = (0..120).map(|name| set.room(name)).filter(|room| room.position().offset() > 0);
    assert!(kept.count() <= ROOMS);
    drop(set);
    assert_eq!(tracker.kept(), 0);
}
