//! What a reader that waits takes, so that it does not grow unseen. A chunk of the heap holds 8 bytes
//! more than a multiple of 16.

use super::frames::Frames;
use super::relay::Member;
use super::source::Direct;
use super::subscription::Subscription;

#[test]
fn a_reader_is_small() {
    assert!(size_of::<Direct<String>>() <= 72, "{}", size_of::<Direct<String>>());
    assert!(size_of::<Frames<String>>() <= 72, "{}", size_of::<Frames<String>>());
    assert!(size_of::<Member>() <= 40, "{}", size_of::<Member>());
    assert!(size_of::<Subscription<String>>() <= 64, "{}", size_of::<Subscription<String>>());
}
