//! A reader that is overtaken while it reads is told exactly what it misses.

use loom::thread;

use crate::reader::Next;
use crate::sync::Arc;
use crate::{explore, from_start, keeping, next, publish};

#[test]
fn every_entry_is_read_or_counted_as_missed() {
    explore(|| {
        let shared = keeping(1);
        let mut reader = from_start(&shared);
        let publisher = thread::spawn(move || {
            for value in [10, 20, 30] {
                publish(&shared, value);
            }
        });
        let mut settled = 0;
        while settled < 3 {
            match next(&mut reader) {
                Next::Entry(offset, value) => {
                    assert_eq!((offset, value), (settled + 1, (settled + 1) * 10));
                    settled = offset;
                }
                Next::Lagged(kept) => settled += reader.skip_to(kept.oldest),
                Next::Aside(_) | Next::Unreadable(_) | Next::Closed => {
                    unreachable!("nobody does that")
                }
            }
        }
        publisher.join().unwrap();
    });
}

#[test]
fn a_reader_that_parks_while_the_log_leaves_entries_out_is_told_and_goes_on() {
    explore(|| {
        let shared = keeping(4);
        let mut reader = from_start(&shared);
        let mirror = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                publish(&shared, 10);
                drop(shared.skip_to(4));
                publish(&shared, 40);
            })
        };
        let mut settled = 0;
        while settled < 4 {
            match next(&mut reader) {
                Next::Entry(offset, value) => {
                    assert_eq!((offset, value), (settled + 1, offset * 10));
                    settled = offset;
                }
                Next::Lagged(kept) => {
                    assert_eq!(kept.oldest, 4);
                    settled += reader.skip_to(kept.oldest);
                }
                Next::Aside(_) | Next::Unreadable(_) | Next::Closed => {
                    unreachable!("nobody does that")
                }
            }
        }
        mirror.join().unwrap();
    });
}
