//! What a connection sends besides its own messages.

use std::cell::Cell;
use std::future::pending;
use std::task::{Poll, Waker};

use tokio::time::timeout;

use super::super::mailbox::Outbox;
use super::super::source::Fence;
use super::*;
use crate::broadcast::{End, Item, PushError, SeatKey};
use crate::ending::Ending;
use crate::wire::{ClientId, Part};

/// A log in memory, as a broadcaster would have one.
#[derive(Clone, Default)]
struct Log(Rc<RefCell<(Vec<FrameItem>, Option<Waker>)>>);

impl Log {
    fn broadcast(&self, text: &str) {
        self.push(Item::Message((), frame::encode(OpCode::Text, text.as_bytes()).into()));
    }

    fn push(&self, item: FrameItem) {
        let mut log = self.0.borrow_mut();
        log.0.push(item);
        if let Some(waker) = log.1.take() {
            waker.wake();
        }
    }

    fn reader(&self) -> Box<dyn FrameSource> {
        Box::new(Cursor { log: self.clone(), at: self.0.borrow().0.len() })
    }
}

struct Cursor {
    log: Log,
    at: usize,
}

impl FrameSource for Cursor {
    fn poll_frame(
        &mut self,
        _: ClientId,
        _: u64,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Option<FrameItem>> {
        let mut log = self.log.0.borrow_mut();
        match log.0.get(self.at) {
            Some(item) => {
                self.at += 1;
                Poll::Ready(Some(item.clone()))
            }
            None => {
                log.1 = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn position(&self) -> u64 {
        self.at as u64
    }

    fn head(&self) -> u64 {
        self.log.0.borrow().0.len() as u64
    }
}

#[actix_web::test]
async fn broadcasts_and_messages_of_ones_own_arrive_in_the_order_they_were_sent() {
    let (first, second) = (Log::default(), Log::default());
    let logs = (first.clone(), second.clone());
    let mut peer = Peer::of(Options::default(), move |socket: Socket<Payload, Text>| async move {
        socket.link().join(logs.0.reader());
        socket.link().join(logs.1.reader());
        for i in 0..3 {
            logs.0.broadcast(&format!("{i} first"));
            logs.1.broadcast(&format!("{i} second"));
            socket.send(&Text(format!("{i} own").into())).await.unwrap();
        }
        logs.0.broadcast("last");
        pending::<()>().await;
    });
    tokio::task::yield_now().await;
    for i in 0..3 {
        let mut both = [peer.next().await.unwrap().1, peer.next().await.unwrap().1];
        both.sort();
        assert_eq!(both, [format!("{i} first"), format!("{i} second")]);
        peer.expect_text(&format!("{i} own")).await;
    }
    peer.expect_text("last").await;
    // Caught up, a broadcast alone wakes the body.
    let (_, ()) =
        tokio::join!(peer.expect_text("one more"), async { second.broadcast("one more") });
}

/// Says several things at once; while it is asked, another thread sends over the connection.
struct Interrupted {
    outbox: Outbox,
    key: Rc<Cell<Option<SeatKey>>>,
    position: u64,
}

impl FrameSource for Interrupted {
    fn poll_frame(
        &mut self,
        _: ClientId,
        _: u64,
        _: &mut std::task::Context<'_>,
    ) -> Poll<Option<FrameItem>> {
        let Some(key) = self.key.take() else { return Poll::Pending };
        let text = |text: &str| frame::encode(OpCode::Text, text.as_bytes());
        let broadcast = Part::of(1, ["first", "second", "third", "fourth"].map(text));
        // Each stands in front of the entry at its head.
        for (head, own) in [(1, "before"), (3, "between"), (3, "as well"), (5, "behind")] {
            self.outbox.try_push(text(own), Fence::at(key, head)).unwrap();
        }
        self.position = 5;
        Poll::Ready(Some(Item::Batch(broadcast, ())))
    }

    fn position(&self) -> u64 {
        self.position
    }

    fn head(&self) -> u64 {
        5
    }
}

#[actix_web::test]
async fn what_was_read_at_once_is_cut_where_another_thread_has_sent_something() {
    let mut peer = Peer::of(Options::default(), move |socket: Socket<Payload, Text>| async move {
        let (key, outbox) = (Rc::<Cell<_>>::default(), socket.link().outbox().clone());
        let source = Interrupted { outbox, key: Rc::clone(&key), position: 1 };
        key.set(Some(socket.link().join(Box::new(source))));
        pending::<()>().await;
    });
    let expected = ["before", "first", "second", "between", "as well", "third", "fourth", "behind"];
    for text in expected {
        peer.expect_text(text).await;
    }
}

#[actix_web::test]
async fn a_source_can_be_left_and_can_end_the_connection() {
    let log = Log::default();
    let mine = log.clone();
    let upgrade = upgrade(Options::default());
    // Before the upgrade, as an `open` hook does it.
    let connection = upgrade.connection::<Text>();
    let key = connection.link().join(log.reader());
    connection.send(&Text("welcome".into())).await.unwrap();
    let mut peer = Peer::start(|payload| upgrade.serve(payload, echo));
    mine.broadcast("one");
    peer.expect_text("welcome").await;
    peer.expect_text("one").await;
    connection.link().leave(key);
    mine.broadcast("unheard");
    connection.send(&Text("two".into())).await.unwrap();
    peer.expect_text("two").await;
    connection.link().join(log.reader());
    let too_slow = Ending::code(1013, "too slow");
    mine.push(Item::Ended(End::Told(Box::new(too_slow))));
    assert_eq!(peer.expect_close().await, (1013, "too slow".to_owned()));
    peer.close(1013);
    peer.expect_end().await;
    let reason = CloseReason::Local { code: CloseCode::TRY_AGAIN_LATER, reason: "too slow".into() };
    assert_eq!(connection.ended().await, reason);
}

#[actix_web::test]
async fn any_thread_can_push_until_it_is_full_or_closed() {
    let upgrade = upgrade(Options::default());
    let outbox = upgrade.link().outbox().clone();
    let mut peer = Peer::start(|payload| upgrade.serve(payload, echo));
    let frame = frame::encode(OpCode::Text, b"from elsewhere");
    let pusher = outbox.clone();
    let pushed = std::thread::spawn(move || pusher.try_push(frame, Fence::NONE));
    peer.expect_text("from elsewhere").await;
    pushed.join().unwrap().unwrap();
    let small = frame::encode(OpCode::Text, b"x");
    while outbox.try_push(small.clone(), Fence::NONE).is_ok() {}
    assert_eq!(outbox.try_push(small.clone(), Fence::NONE), Err(PushError::Full));
    peer.body = None;
    peer.vanish();
    timeout(SECOND, async {
        while !outbox.is_closed() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert_eq!(outbox.try_push(small, Fence::NONE), Err(PushError::Closed));
}

#[actix_web::test]
async fn an_upgrade_that_is_refused_ends_its_connection() {
    let log = Log::default();
    let upgrade = upgrade(Options::default());
    let connection = upgrade.connection::<Text>();
    connection.link().join(log.reader());
    drop(upgrade);
    assert_eq!(connection.ended().await, CloseReason::Vanished);
    assert_eq!(Rc::strong_count(&log.0), 1, "its sources were left");
    assert!(connection.send(&Text("x".into())).await.is_err());
}
