//! A publisher that fails or dies in the middle of a message: nothing of it is there, and all goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;

use ereo_runtime::{BroadcastError, ClientSet, EncodeError, LastEventId, Message};
use serde::ser::{Error as _, SerializeStruct as _};
use serde::{Serialize, Serializer};

use crate::support::{Step, step, steps};

/// Writes half of itself, and then does what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Message)]
enum Halfway {
    GoesOn(u64),
    Fails,
    Panics,
}

impl Serialize for Halfway {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut half = serializer.serialize_struct("Halfway", 2)?;
        half.serialize_field("first", "written")?;
        match self {
            Self::GoesOn(number) => half.serialize_field("second", number)?,
            Self::Fails => return Err(S::Error::custom("on purpose")),
            Self::Panics => panic!("on purpose"),
        }
        half.end()
    }
}

fn panics(set: &ClientSet<Halfway>) -> bool {
    catch_unwind(AssertUnwindSafe(|| set.broadcast(&Halfway::Panics))).is_err()
}

#[test]
fn nothing_of_a_message_that_fails_or_panics_is_appended() {
    let set = ClientSet::new();
    let mut reader = set.subscribe(LastEventId::none());
    for n in 1..=10 {
        let before = set.position();
        let failed = set.broadcast(&Halfway::Fails);
        assert!(
            matches!(failed, Err(BroadcastError::Encode(EncodeError::Serialize(_)))),
            "{failed:?}"
        );
        assert!(panics(&set));
        assert_eq!(set.position(), before);
        assert_eq!(step(&mut reader), Step::Waits);
        assert_eq!(
            set.broadcast(&Halfway::GoesOn(n)).unwrap().position().unwrap().offset(),
            n,
            "no hole"
        );
        assert_eq!(step(&mut reader), Step::Message(n, Halfway::GoesOn(n)));
    }
}

/// Every second thread dies in the middle of a message, over and over, and at last for good.
#[test]
fn publishers_that_die_beside_others_leave_one_order_without_holes() {
    const THREADS: u64 = 4;
    const EACH: u64 = 200;
    let set = ClientSet::new();
    let start = set.position();
    let begin = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for publisher in 0..THREADS {
            let (set, begin) = (set.clone(), &begin);
            scope.spawn(move || {
                begin.wait();
                for n in 0..EACH {
                    assert!(publisher % 2 == 0 || panics(&set));
                    set.broadcast(&Halfway::GoesOn(publisher * EACH + n)).unwrap();
                }
            });
        }
    });
    let died = thread::spawn({
        let set = set.clone();
        move || set.broadcast(&Halfway::Panics)
    });
    assert!(died.join().is_err());
    let read = steps(&mut set.subscribe(start.into()));
    let mut numbers = Vec::new();
    for (offset, step) in (1..).zip(&read) {
        let Step::Message(at, Halfway::GoesOn(number)) = step else { panic!("{step:?}") };
        assert_eq!(*at, offset);
        numbers.push(*number);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (0..THREADS * EACH).collect::<Vec<_>>());
}

#[test]
fn a_publisher_that_dies_with_the_last_handle_ends_the_readers_behind_what_was_sent() {
    let set = ClientSet::new();
    let mut reader = set.subscribe(LastEventId::none());
    let died = thread::spawn(move || {
        set.broadcast(&Halfway::GoesOn(1)).unwrap();
        set.broadcast(&Halfway::Panics)
    });
    assert!(died.join().is_err());
    assert_eq!(step(&mut reader), Step::Message(1, Halfway::GoesOn(1)));
    assert_eq!(step(&mut reader), Step::End);
}

/// The copy that the log keeps is made by the message's own code too.
#[test]
fn nothing_is_appended_of_a_message_that_panics_when_it_is_cloned() {
    #[derive(Serialize, Message)]
    struct Uncloneable(bool);

    impl Clone for Uncloneable {
        fn clone(&self) -> Self {
            assert!(!self.0, "on purpose");
            Self(self.0)
        }
    }

    let set = ClientSet::new();
    assert!(catch_unwind(AssertUnwindSafe(|| set.broadcast(&Uncloneable(true)))).is_err());
    assert_eq!(set.broadcast(&Uncloneable(false)).unwrap().position().unwrap().offset(), 1);
}

#[test]
fn info_that_panics_enters_nobody() {
    let set = ClientSet::<String>::new();
    let enter = |info: Halfway| {
        let mut reader = set.subscribe(LastEventId::none()).as_member("ann", &info)?;
        assert_eq!(step(&mut reader), Step::Waits);
        Ok::<_, EncodeError>(reader)
    };
    assert!(enter(Halfway::Fails).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| enter(Halfway::Panics))).is_err());
    assert_eq!((set.members().len(), set.len()), (0, 0));
    let _ann = enter(Halfway::GoesOn(1)).unwrap();
    assert_eq!(set.members()[0].info_json(), r#"{"first":"written","second":1}"#);
}
