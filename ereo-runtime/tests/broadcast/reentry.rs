//! Code of the user's that runs inside the set's own calls may call into the set.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use ereo_runtime::{ClientSet, LastEventId, Message, PresenceEvents, Subscription};
use serde::{Serialize, Serializer};

/// Runs the test on a thread of its own, so that a deadlock is a failure and not a hang.
fn without_deadlock(test: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel();
    let thread = thread::spawn(move || {
        test();
        done.send(()).unwrap();
    });
    match finished.recv_timeout(Duration::from_secs(20)) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("deadlock"),
        // Finished, or panicked: the thread knows.
        _ => thread.join().unwrap(),
    }
}

/// Everything a set can be asked for under its lock.
fn use_all_of(set: &ClientSet<String>) {
    set.broadcast(&"again".to_owned()).unwrap();
    let mut reader = set.subscribe(set.position().into());
    poll(&mut reader, Waker::noop());
    assert!(!set.is_empty());
    let mut member = set.subscribe(LastEventId::none()).as_member("nosy", &()).unwrap();
    poll(&mut member, Waker::noop());
    assert!(set.members().iter().any(|member| member.key() == "nosy"));
}

fn poll(reader: &mut Subscription<String>, waker: &Waker) -> bool {
    let recv = std::pin::pin!(reader.recv());
    recv.poll(&mut Context::from_waker(waker)).is_ready()
}

#[test]
fn serialize_may_use_the_set() {
    #[derive(Clone, Message)]
    struct Chatty(ClientSet<String>);

    impl Serialize for Chatty {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use_all_of(&self.0);
            CHATTY.get().unwrap().position();
            serializer.serialize_unit()
        }
    }

    static CHATTY: OnceLock<ClientSet<Chatty>> = OnceLock::new();

    without_deadlock(|| {
        let inner = ClientSet::new();
        let set = CHATTY.get_or_init(ClientSet::new);
        set.broadcast(&Chatty(inner.clone())).unwrap();
        assert_eq!(inner.position().offset(), 1);
    });
}

#[test]
fn the_drop_of_a_message_may_use_the_set() {
    #[derive(Clone, Serialize, Message)]
    struct Parting(u32);

    impl Drop for Parting {
        fn drop(&mut self) {
            let set = SET.get().unwrap();
            set.position();
            if let Some(left) = self.0.checked_sub(1) {
                set.broadcast(&Parting(left)).unwrap();
            }
        }
    }

    static SET: OnceLock<ClientSet<Parting>> = OnceLock::new();

    without_deadlock(|| {
        let set = SET.get_or_init(|| ClientSet::builder().history(1).build());
        let first = set.broadcast(&Parting(3)).unwrap();
        let second = set.broadcast(&Parting(3)).unwrap();
        assert!(second.position().unwrap().offset() > first.position().unwrap().offset());
    });
}

#[test]
fn the_drop_of_a_message_that_became_too_old_may_use_the_set() {
    #[derive(Clone, Serialize, Message)]
    struct Parting;

    impl Drop for Parting {
        fn drop(&mut self) {
            SET.get().unwrap().position();
        }
    }

    static SET: OnceLock<ClientSet<Parting>> = OnceLock::new();

    without_deadlock(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(async {
            let set = SET.get_or_init(|| ClientSet::builder().max_age(Duration::ZERO).build());
            set.broadcast(&Parting).unwrap();
            tokio::time::advance(Duration::from_secs(1)).await;
            assert_eq!(set.position().offset(), 1);
        });
    });
}

/// Uses the set when it is woken and when it is dropped.
struct Nosy(ClientSet<String>);

impl Wake for Nosy {
    fn wake(self: Arc<Self>) {
        use_all_of(&self.0);
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        use_all_of(&self.0);
    }
}

/// A reader that waits under the only `Nosy` waker there is.
fn parked(set: &ClientSet<String>) -> Subscription<String> {
    let mut reader = set.subscribe(LastEventId::none());
    assert!(!poll(&mut reader, &Waker::from(Arc::new(Nosy(set.clone())))));
    reader
}

#[test]
fn a_waker_that_is_woken_may_use_the_set() {
    without_deadlock(|| {
        let set = ClientSet::new();
        let _reader = parked(&set);
        set.broadcast(&"hello".to_owned()).unwrap();
        assert_eq!(set.position().offset(), 3, "hello, woken, dropped");
    });
}

/// The old waker was dropped while the log was locked.
#[test]
fn a_waker_that_is_replaced_may_use_the_set() {
    without_deadlock(|| {
        let set = ClientSet::new();
        let mut reader = parked(&set);
        assert!(!poll(&mut reader, Waker::noop()));
        assert_eq!(set.position().offset(), 1, "dropped");
        assert!(poll(&mut reader, Waker::noop()));
    });
}

#[test]
fn a_waker_whose_reader_is_dropped_may_use_the_set() {
    without_deadlock(|| {
        let set = ClientSet::new();
        drop(parked(&set));
        assert_eq!(set.position().offset(), 1, "dropped");
    });
}

#[test]
fn a_waker_that_is_woken_by_the_end_may_read() {
    thread_local! {
        static OTHER: RefCell<Option<Subscription<String>>> = const { RefCell::new(None) };
    }

    struct Reads;

    impl Wake for Reads {
        fn wake(self: Arc<Self>) {
            let mut other = OTHER.take().unwrap();
            assert!(poll(&mut other, Waker::noop()), "it has ended as well");
        }
    }

    without_deadlock(|| {
        let set = ClientSet::new();
        OTHER.set(Some(set.subscribe(LastEventId::none())));
        let mut reader = set.subscribe(LastEventId::none());
        assert!(!poll(&mut reader, &Waker::from(Arc::new(Reads))));
        drop(set);
        assert!(OTHER.take().is_none(), "the waker has read");
    });
}

/// A reader of the news is woken when somebody joins, leaves or goes away, and whatever it then asks
/// for is answered.
#[test]
fn a_waker_that_is_woken_by_presence_may_use_the_set() {
    without_deadlock(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(async {
            let grace = Duration::from_secs(1);
            let set = ClientSet::<String>::builder().presence_grace(grace).build();
            let mut events = set.presence();
            // The waker's own member, so that it makes no news of its own.
            let mut nosy = set.subscribe(LastEventId::none()).as_member("nosy", &()).unwrap();
            poll(&mut nosy, Waker::noop());
            let waker = Waker::from(Arc::new(Nosy(set.clone())));
            let park = |events: &mut PresenceEvents| {
                let mut cx = Context::from_waker(&waker);
                while std::pin::pin!(events.recv()).poll(&mut cx).is_ready() {}
            };
            park(&mut events);
            let mut ann = set.subscribe(LastEventId::none()).as_member("ann", &()).unwrap();
            poll(&mut ann, Waker::noop());
            assert!(set.position().offset() > 0, "somebody joined, and the waker used the set");
            park(&mut events);
            let before = set.position();
            drop(ann);
            assert!(set.position().offset() > before.offset(), "somebody went away");
            park(&mut events);
            let before = set.position();
            tokio::time::advance(grace).await;
            set.members();
            assert!(set.position().offset() > before.offset(), "somebody left");
        });
    });
}

/// Those behind it in the round were never woken.
#[test]
fn a_waker_that_panics_leaves_no_other_reader_asleep() {
    struct Panics;

    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("on purpose");
        }
    }

    struct Counts(AtomicUsize);

    impl Wake for Counts {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    let set = ClientSet::<String>::new();
    let counts = Arc::new(Counts(AtomicUsize::new(0)));
    let wakers = [Arc::new(Panics).into(), Arc::clone(&counts).into()];
    let mut readers: Vec<_> = (0..6).map(|_| set.subscribe(LastEventId::none())).collect();
    for (n, reader) in readers.iter_mut().enumerate() {
        assert!(!poll(reader, &wakers[n % 2]));
    }
    let published = catch_unwind(AssertUnwindSafe(|| set.broadcast(&"hello".to_owned())));
    assert!(published.is_err(), "the panic is the publisher's");
    assert_eq!(counts.0.load(Ordering::Relaxed), 3);
    assert_eq!(set.position().offset(), 1);
    assert!(readers.iter_mut().all(|reader| poll(reader, Waker::noop())), "it was sent");
    assert_eq!(set.broadcast(&"again".to_owned()).unwrap().position().unwrap().offset(), 2);
}
