//! A reader whose credentials end.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use ereo_runtime::{ClientSet, Expiry, LastEventId};
use tokio::time::{Instant, advance};

use crate::support::{Step, send, step};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn nothing_comes_after_the_end_and_nothing_is_lost_by_it() {
    let set = ClientSet::new();
    let mut reader = set.subscribe(LastEventId::none()).expires_at(60 * SECOND);
    send(&set, 1..=2);
    assert_eq!(step(&mut reader), Step::Message(1, "1".into()));
    advance(60 * SECOND).await;
    // It is there to be read, but not for this reader.
    assert_eq!(step(&mut reader), Step::Expired);
    assert_eq!(step(&mut reader), Step::End);
    assert_eq!(reader.position().offset(), 1);
    let mut again = set.subscribe(reader.position().into());
    assert_eq!(step(&mut again), Step::Message(2, "2".into()));
    drop(reader);
    assert_eq!(set.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_sleeps_is_woken_by_its_end_and_by_its_renewals() {
    let set = ClientSet::<String>::new();
    let (begin, asked) = (Instant::now(), Rc::new(Cell::new(0)));
    let count = Rc::clone(&asked);
    let reader = set.subscribe(LastEventId::none()).expires_at(60 * SECOND).refresh(move || {
        count.set(count.get() + 1);
        let renewed = (count.get() < 4).then_some(60 * SECOND);
        async move { renewed }
    });
    // What is chosen of the messages makes no difference.
    let mut reader = reader.filter(|_| true).map(String::len);
    assert!(matches!(reader.recv().await, Some(ereo_runtime::Delivery::Expired)));
    assert_eq!((asked.get(), begin.elapsed().as_secs()), (4, 200));
    assert!(reader.recv().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_makes_it_endless_is_the_last() {
    let set = ClientSet::new();
    let mut reader = set
        .subscribe(LastEventId::none())
        .expires_at(SECOND)
        .refresh(|| async { Some(Expiry::NEVER) });
    assert_eq!(step(&mut reader), Step::Waits);
    advance(SECOND / 2).await;
    assert_eq!(step(&mut reader), Step::Waits);
    advance(3600 * SECOND).await;
    send(&set, 1..=1);
    assert_eq!(step(&mut reader), Step::Message(1, "1".into()));
}

#[tokio::test(start_paused = true)]
async fn credentials_that_have_ended_already_read_nothing() {
    let set = ClientSet::new();
    let before = set.position();
    send(&set, 1..=1);
    let mut reader = set.subscribe(before.into()).expires_at(Expiry::at_unix(1));
    assert_eq!(step(&mut reader), Step::Expired);
}
