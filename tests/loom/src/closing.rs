//! Readers end when the set does, after what was still there.

use loom::thread;

use crate::reader::Next;
use crate::sync::Arc;
use crate::{explore, from_start, keeping, next, publish};

#[test]
fn a_reader_that_parks_while_the_set_closes_ends() {
    explore(|| {
        let shared = keeping(4);
        let mut reader = from_start(&shared);
        let closer = thread::spawn(move || shared.close());
        assert_eq!(next(&mut reader), Next::Closed);
        closer.join().unwrap();
    });
}

#[test]
fn what_was_published_before_the_close_is_read_before_the_end() {
    explore(|| {
        let shared = keeping(4);
        let mut reader = from_start(&shared);
        let closer = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                publish(&shared, 10);
                shared.close();
            })
        };
        assert_eq!(next(&mut reader), Next::Entry(1, 10));
        assert_eq!(next(&mut reader), Next::Closed);
        closer.join().unwrap();
    });
}
