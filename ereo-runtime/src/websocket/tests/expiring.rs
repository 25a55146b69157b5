//! Connections whose client's credentials end.

use std::cell::Cell;
use std::future::pending;

use tokio::time::{Instant, sleep};

use super::*;
use crate::expiry::Expiry;

/// A function that says how it ended.
fn until(
    seen: &Seen<String>,
    begin: impl FnOnce(&Socket<Payload, Payload>) + 'static,
) -> impl FnOnce(Socket<Payload, Payload>) -> Pin<Box<dyn Future<Output = ()>>> {
    let seen = Rc::clone(seen);
    |mut socket| {
        Box::pin(async move {
            begin(&socket);
            while let Ok(Some(message)) = socket.recv().await {
                socket.send(&message).await.unwrap();
            }
            seen.borrow_mut().push(socket.reason().unwrap().to_string());
        })
    }
}

#[actix_web::test]
async fn a_connection_ends_with_its_credentials_and_3000() {
    tokio::time::pause();
    let seen: Seen<String> = Rc::default();
    let options = Options::default().ping(None).idle(None);
    let begin = Instant::now();
    let mut peer = Peer::of(options, until(&seen, |socket| socket.expires_at(60 * SECOND)));
    peer.text("before");
    peer.expect_text("before").await;
    assert_eq!(peer.expect_close().await, (3000, "expired".to_owned()));
    assert_about(begin.elapsed(), 60 * SECOND);
    peer.text("after");
    peer.close(3000);
    peer.expect_end().await;
    sleep(SECOND).await;
    assert_eq!(*seen.borrow(), ["the credentials have ended"]);
    assert_eq!(Rc::strong_count(&seen), 1, "the task has ended");
}

#[actix_web::test]
async fn the_last_word_counts_whoever_says_it() {
    tokio::time::pause();
    let begin = Instant::now();
    let upgrade = upgrade(Options::default().ping(None).idle(None));
    let connection = upgrade.connection::<Payload>();
    // Before the answer, as an `open` hook does.
    connection.expires_at(10 * SECOND);
    let mut peer = Peer::start(|payload| upgrade.serve(payload, echo));
    peer.text("hello");
    peer.expect_text("hello").await;
    connection.expires_at(Expiry::from(begin + 90 * SECOND));
    assert_eq!(peer.expect_close().await.0, 3000);
    assert_about(begin.elapsed(), 90 * SECOND);
}

#[actix_web::test]
async fn a_callback_renews_until_it_does_not() {
    tokio::time::pause();
    let (begin, seen) = (Instant::now(), Seen::<String>::default());
    let asked: Seen<u64> = Rc::default();
    let asks = Rc::clone(&asked);
    let mut peer = Peer::of(
        Options::default().ping(None).idle(None),
        until(&seen, move |socket| {
            socket.expires_at(60 * SECOND);
            socket.refresh(move || {
                asks.borrow_mut().push(begin.elapsed().as_secs());
                let renewed = asks.borrow().len() < 3;
                async move {
                    // Asking others takes its time.
                    sleep(SECOND).await;
                    renewed.then_some(60 * SECOND)
                }
            });
        }),
    );
    assert_eq!(peer.expect_close().await.0, 3000);
    assert_eq!(*asked.borrow(), [50, 101, 152]);
    assert_about(begin.elapsed(), 153 * SECOND);
    peer.close(3000);
    peer.expect_end().await;
    sleep(SECOND).await;
    assert_eq!(Rc::strong_count(&asked), 1, "the callback is dropped");
}

#[actix_web::test]
async fn a_callback_that_panics_ends_its_connection() {
    tokio::time::pause();
    let seen = Seen::<String>::default();
    let mut peer = Peer::of(
        Options::default().ping(None).idle(None),
        until(&seen, |socket| {
            socket.expires_at(60 * SECOND);
            socket.refresh(|| async { if true { panic!("a secret") } else { None::<Expiry> } });
        }),
    );
    assert_eq!(peer.expect_close().await, (1011, "internal error".to_owned()));
}

/// Hooks that renew as often as they are told.
struct Session {
    seen: Seen<String>,
    renewals: Rc<Cell<u32>>,
}

impl Hooks<String> for Session {
    const REFRESHS: bool = true;

    async fn message(&mut self, message: String) -> Result<(), SocketError> {
        self.seen.borrow_mut().push(message.clone());
        if message == "hang" { pending().await } else { Ok(()) }
    }

    async fn refresh(&mut self) -> Option<Expiry> {
        self.seen.borrow_mut().push("asked".to_owned());
        let left = self.renewals.get();
        assert!(left != 13, "on purpose");
        self.renewals.set(left.checked_sub(1)?);
        Some(Expiry::from(60 * SECOND))
    }

    async fn close(self, reason: CloseReason) {
        self.seen.borrow_mut().push(reason.to_string());
    }
}

/// A session with so many renewals, and when it began.
fn session(renewals: u32) -> (Peer, Seen<String>, Instant) {
    tokio::time::pause();
    let seen: Seen<String> = Rc::default();
    let hooks = Session { seen: Rc::clone(&seen), renewals: Rc::new(Cell::new(renewals)) };
    let upgrade = upgrade(Options::default().ping(None).idle(None));
    upgrade.connection::<Payload>().expires_at(60 * SECOND);
    let peer = Peer::start(|payload| upgrade.serve_hooks(payload, hooks));
    (peer, seen, Instant::now())
}

#[actix_web::test]
async fn the_hook_renews_between_messages() {
    let (mut peer, seen, begin) = session(1);
    peer.text("hello");
    assert_eq!(peer.expect_close().await, (3000, "expired".to_owned()));
    // Asked at 50, good until 110, asked at 100.
    assert_about(begin.elapsed(), 100 * SECOND);
    peer.close(3000);
    peer.expect_end().await;
    sleep(SECOND).await;
    assert_eq!(*seen.borrow(), ["hello", "asked", "asked", "the credentials have ended"]);
    assert_eq!(Rc::strong_count(&seen), 1, "the task has ended");
}

#[actix_web::test]
async fn a_busy_message_hook_does_not_put_the_end_off() {
    let (mut peer, seen, begin) = session(5);
    peer.text("hang");
    assert_eq!(peer.expect_close().await.0, 3000);
    assert_about(begin.elapsed(), 60 * SECOND);
    peer.close(3000);
    sleep(20 * SECOND).await;
    assert_eq!(*seen.borrow(), ["hang", "the credentials have ended"]);
}

#[actix_web::test]
async fn a_refresh_hook_that_panics_is_closed_once() {
    let (mut peer, seen, _) = session(13);
    assert_eq!(peer.expect_close().await.0, 1011);
    peer.close(1011);
    sleep(SECOND).await;
    assert_eq!(*seen.borrow(), ["asked", "the handler panicked"]);
}
