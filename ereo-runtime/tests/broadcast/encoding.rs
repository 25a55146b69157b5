//! A message is encoded once, before anything of it is seen.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ereo_runtime::{BroadcastError, ClientSet, EncodeError, Event, LastEventId, Message};
use serde::{Serialize, Serializer, ser::Error};

use crate::support::{Step, step, steps};

#[derive(Clone, Debug, PartialEq, Message)]
struct OnlyPositive(i32);

impl Serialize for OnlyPositive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 <= 0 {
            return Err(S::Error::custom("not positive"));
        }
        self.0.serialize(serializer)
    }
}

#[test]
fn what_cannot_be_serialized_reaches_no_reader_and_leaves_the_position() {
    let set = ClientSet::new();
    let mut reader = set.subscribe(LastEventId::none());
    set.broadcast(&OnlyPositive(1)).unwrap();
    let before = set.position();
    let refused = set.broadcast(&OnlyPositive(-1)).unwrap_err();
    assert!(matches!(&refused, BroadcastError::Encode(EncodeError::Serialize(_))), "{refused:?}");
    assert_eq!(set.position(), before);
    assert_eq!(
        set.broadcast(&OnlyPositive(2)).unwrap().position().unwrap().offset(),
        before.offset() + 1
    );
    let got = steps(&mut reader);
    assert_eq!(got, [Step::Message(1, OnlyPositive(1)), Step::Message(2, OnlyPositive(2))]);
}

#[test]
fn an_event_with_an_id_of_its_own_is_refused() {
    let set = ClientSet::new();
    let own = Event::new("x").id("mine").unwrap();
    assert!(matches!(set.broadcast(&own), Err(BroadcastError::Encode(EncodeError::OwnId))));
    assert_eq!(set.position().offset(), 0);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let set = ClientSet::new();
    let refused = set.broadcast(&bytes::Bytes::from_static(b"\xff"));
    assert!(matches!(refused, Err(BroadcastError::Encode(EncodeError::NotText))));
    assert_eq!(set.position().offset(), 0);
}

/// Counts what is done to it and to its clones.
#[derive(Message, Default)]
struct Counting(Arc<Counts>);

#[derive(Default)]
struct Counts {
    serialized: AtomicUsize,
    cloned: AtomicUsize,
}

impl Serialize for Counting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialized.fetch_add(1, Ordering::Relaxed);
        serializer.serialize_unit()
    }
}

impl Clone for Counting {
    fn clone(&self) -> Self {
        self.0.cloned.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }
}

#[tokio::test]
async fn a_message_is_serialized_and_cloned_once_for_all_readers() {
    let set = ClientSet::new();
    let mut readers: Vec<_> = (0..100).map(|_| set.subscribe(LastEventId::none())).collect();
    let message = Counting::default();
    set.broadcast(&message).unwrap();
    for reader in &mut readers {
        assert!(reader.recv().await.is_some());
    }
    assert_eq!(message.0.serialized.load(Ordering::Relaxed), 1);
    assert_eq!(message.0.cloned.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_fell_out_is_freed_once_its_readers_let_go() {
    let set = ClientSet::builder().history(1).build();
    let mut reader = set.subscribe(LastEventId::none());
    let first = Counting::default();
    set.broadcast(&first).unwrap();
    let held = reader.recv().await;
    tokio::time::advance(Duration::from_secs(1)).await;
    set.broadcast(&Counting::default()).unwrap();
    assert_eq!(Arc::strong_count(&first.0), 2, "a reader still holds it");
    drop(held);
    assert_eq!(Arc::strong_count(&first.0), 1);
    drop(set);
    assert!(reader.recv().await.is_some());
    assert!(reader.recv().await.is_none());
}

#[test]
fn a_refused_message_wakes_nobody_into_an_end() {
    let set = ClientSet::new();
    let mut reader = set.subscribe(LastEventId::none());
    assert_eq!(step(&mut reader), Step::Waits);
    set.broadcast(&OnlyPositive(0)).unwrap_err();
    assert_eq!(step(&mut reader), Step::Waits);
}
