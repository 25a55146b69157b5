//! What a publisher is told of its message.

use std::future::IntoFuture as _;

use ereo_runtime::{BroadcastError, ClientSet, EncodeError, RoomRefused};
use futures_util::FutureExt as _;

#[test]
fn in_memory_a_message_has_its_place_at_once_and_nothing_is_waited_for() {
    let set = ClientSet::<String>::new();
    let receipt = set.broadcast(&"first".to_owned()).unwrap();
    let placed = receipt.position().unwrap();
    assert_eq!(placed, set.position());
    set.broadcast(&"dropped".to_owned()).unwrap();
    assert_eq!(receipt.into_future().now_or_never(), Some(Ok(placed)));
    let last = set.broadcast(&"last".to_owned()).unwrap();
    let placed = async { last.await }.now_or_never().unwrap().unwrap();
    assert_eq!((placed, placed.offset()), (set.position(), 3));
}

#[test]
fn what_is_not_taken_is_told_at_the_call() {
    let set = ClientSet::<String>::builder().max_bytes(1).max_rooms(0).build();
    let refused = set.broadcast(&"too large".to_owned()).unwrap_err();
    assert!(matches!(refused, BroadcastError::Encode(EncodeError::TooLarge { .. })), "{refused:?}");
    let refused = set.room("none").broadcast(&String::new()).unwrap_err();
    assert!(matches!(refused, BroadcastError::Encode(EncodeError::Room(RoomRefused::TooMany))));
    assert_eq!(set.position().offset(), 0);
}
