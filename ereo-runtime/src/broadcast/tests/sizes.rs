//! What a reader that waits and a message that is kept take, so that they do not grow unseen. A chunk
//! of the heap holds 8 bytes more than a multiple of 16.

use tokio::time::Instant;

use crate::broadcast::entry::Entry;
use crate::broadcast::frames::Frames;
use crate::broadcast::order::Order;
use crate::broadcast::source::Direct;
use crate::broadcast::subscription::Subscription;
use crate::fanout::Member;
use crate::log::Epoch;

/// The feature `inspector` follows each reader.
const FOLLOWED: usize = if cfg!(feature = "inspector") { 8 } else { 0 };

#[test]
fn a_reader_is_small() {
    assert!(size_of::<Direct<String>>() <= 80 + FOLLOWED, "{}", size_of::<Direct<String>>());
    assert!(size_of::<Frames<String>>() <= 80 + FOLLOWED, "{}", size_of::<Frames<String>>());
    assert!(size_of::<Member>() <= 48 + FOLLOWED, "{}", size_of::<Member>());
    assert!(size_of::<Subscription<String>>() <= 64, "{}", size_of::<Subscription<String>>());
}

#[test]
fn a_message_that_is_kept_takes_little_beside_its_value() {
    let beside = size_of::<Entry<String>>() - size_of::<String>();
    assert!(beside <= 88, "{beside}");
}

/// Of which there is one for each room.
#[test]
fn a_set_in_memory_pays_nothing_for_those_with_a_store() {
    assert_eq!(size_of::<Order<String>>(), size_of::<(Epoch, Instant)>());
}
