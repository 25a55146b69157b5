//! Which rooms are freed, and which are not.

use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::advance;

use super::*;
use crate::log::LastEventId;

const SOME: usize = 64;

#[tokio::test(start_paused = true)]
async fn rooms_that_nobody_needs_are_freed_and_no_others() {
    let set = ClientSet::<String>::new();
    let held = set.room("held");
    let mut read = set.room("read").subscribe(LastEventId::none());
    set.room("read").broadcast(&"a".to_owned()).unwrap();
    read.recv().await.unwrap();
    for n in 0..SOME {
        set.room(n).broadcast(&"old".to_owned()).unwrap();
    }
    advance(KEEP + Duration::from_secs(1)).await;
    set.room("recent").broadcast(&"new".to_owned()).unwrap();
    for n in 0..2 * SOME {
        set.room(format!("later {n}"));
    }
    assert!(set.rooms() < 3 * SOME, "{}", set.rooms());
    assert_eq!(set.room("held").position().epoch(), held.position().epoch());
    assert_eq!(set.room("recent").position().offset(), 1);
    assert_eq!(set.room("read").position().offset(), 1, "its reader is still there");
    assert_eq!(set.room(0).position().offset(), 0, "made anew");
}

/// It is no client yet, so the room was taken for empty, and the reader ended at once.
#[tokio::test(start_paused = true)]
async fn a_room_is_kept_for_a_subscription_that_was_not_read_yet() {
    let set = ClientSet::<String>::new();
    let mut reader = set.room("waits").subscribe(LastEventId::none());
    advance(KEEP + Duration::from_secs(1)).await;
    for n in 0..2 * SOME {
        set.room(n);
    }
    set.room("waits").broadcast(&"a".to_owned()).unwrap();
    assert!(reader.recv().await.is_some());
}

/// A room's presence is somebody's need: its readers, its members, and those who are away.
#[tokio::test(start_paused = true)]
async fn a_room_is_kept_for_its_presence_and_freed_when_that_is_over() {
    let grace = KEEP * 10;
    let set = ClientSet::<String>::builder().presence_grace(grace).build();
    let rooms = ["watched", "visited", "away"];
    let epochs = || rooms.map(|room| set.room(room).position().epoch());
    let first = epochs();
    let events = set.room("watched").presence();
    let enter = |room: &str| {
        let mut reader = set.room(room).subscribe(LastEventId::none());
        reader = reader.as_member("ann", &()).unwrap();
        assert!(reader.poll_item(&mut Context::from_waker(Waker::noop())).is_pending());
        reader
    };
    let stays = enter("visited");
    drop(enter("away"));
    advance(KEEP * 2).await;
    (0..4 * SOME).for_each(|n| drop(set.room(n)));
    assert_eq!(epochs(), first, "kept");
    drop((events, stays));
    advance(grace).await;
    (4 * SOME..16 * SOME).for_each(|n| drop(set.room(n)));
    assert!(first.iter().zip(epochs()).all(|(before, after)| *before != after), "made anew");
}
