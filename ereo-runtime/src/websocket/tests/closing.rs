//! How a connection ends, from either side.

use std::cell::Cell;
use std::future::pending;

use tokio::time::{Instant, sleep};

use super::*;
use crate::ending::Ending;

#[actix_web::test]
async fn a_handler_ends_the_connection() {
    let ok = |_: Socket<String, String>| async { Ok::<_, SocketError>(()) };
    assert_eq!(Peer::of(Options::default(), ok).expect_close().await, (1000, String::new()));
    let failed = |_: Socket<String, String>| async { Err(SocketError::other("a secret")) };
    let told = (1011, "internal error".to_owned());
    assert_eq!(Peer::of(Options::default(), failed).expect_close().await, told);
    let panicked = |_: Socket<String, String>| async { panic!("a secret") };
    assert_eq!(Peer::of::<_, _, _, ()>(Options::default(), panicked).expect_close().await, told);
    let own = |_: Socket<String, String>| async {
        Err(SocketError::close(CloseCode::new(4000).unwrap(), "not today"))
    };
    let told = (4000, "not today".to_owned());
    assert_eq!(Peer::of(Options::default(), own).expect_close().await, told);
}

#[actix_web::test]
async fn broken_rules_have_their_codes_and_the_handler_sees_them_once() {
    tokio::time::pause();
    type Break = fn(&mut Peer);
    let cases: [(Break, u16, CloseReason); 3] = [
        (|peer| peer.text(&"x".repeat(101)), 1009, CloseReason::TooBig { limit: 100 }),
        (|peer| peer.frame(true, OpCode::Text, b"\xff"), 1007, CloseReason::InvalidUtf8),
        (
            |peer| peer.frame(true, OpCode::Continuation, b""),
            1002,
            CloseReason::Protocol(ProtocolError::NothingToContinue),
        ),
    ];
    for (break_it, code, reason) in cases {
        let seen: Seen<String> = Rc::default();
        let told = Rc::clone(&seen);
        let options = Options::default().max_message(100);
        let mut peer = Peer::of(options, move |mut socket: Socket<Payload, Payload>| async move {
            loop {
                match socket.recv().await {
                    Ok(Some(message)) => socket.send(&message).await.unwrap(),
                    Ok(None) => break,
                    Err(error) => told.borrow_mut().push(format!("{error}")),
                }
            }
            told.borrow_mut().push(format!("{:?}", socket.reason().unwrap()));
        });
        peer.text("before");
        break_it(&mut peer);
        // What came before is still answered.
        peer.expect_text("before").await;
        assert_eq!(peer.expect_close().await.0, code);
        // What still comes is thrown away, for a moment.
        peer.text("after");
        let begin = Instant::now();
        peer.expect_end().await;
        assert_about(begin.elapsed(), SECOND / 2);
        assert_eq!(seen.borrow().len(), 2, "{seen:?}");
        assert_eq!(seen.borrow()[1], format!("{reason:?}"));
    }
}

#[actix_web::test]
async fn the_answer_to_a_close_waits_for_what_came_before_it() {
    tokio::time::pause();
    let mut peer =
        Peer::of(Options::default(), |mut socket: Socket<Payload, Payload>| async move {
            while let Some(message) = socket.recv().await? {
                sleep(SECOND).await;
                socket.send(&message).await?;
            }
            Ok::<_, SocketError>(())
        });
    peer.text("one");
    peer.text("two");
    peer.close(1000);
    peer.expect_text("one").await;
    peer.expect_text("two").await;
    assert_eq!(peer.expect_close().await.0, 1000);
    peer.expect_end().await;
}

#[actix_web::test]
async fn a_close_is_answered_even_if_the_handler_never_looks() {
    tokio::time::pause();
    let mut peer = Peer::of(Options::default(), |socket: Socket<Payload, Payload>| async move {
        let _socket = socket;
        pending::<()>().await;
    });
    let begin = Instant::now();
    peer.close(1000);
    assert_eq!(peer.expect_close().await.0, 1000);
    peer.expect_end().await;
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

#[actix_web::test]
async fn a_lost_connection_is_seen_at_once() {
    tokio::time::pause();
    let begin = Instant::now();
    let seen: Seen<CloseReason> = Rc::default();
    for drop_body in [false, true] {
        let told = Rc::clone(&seen);
        let mut peer =
            Peer::of(Options::default(), move |mut socket: Socket<Payload, Payload>| async move {
                assert!(
                    socket.recv().await.unwrap().is_some(),
                    "what was sent before is still read"
                );
                assert!(socket.recv().await.unwrap().is_none());
                let error = socket.send(&Payload::Text("x".into())).await.unwrap_err();
                assert!(matches!(error, SocketError::Closed(CloseReason::Vanished)), "{error}");
                told.borrow_mut().push(socket.reason().unwrap());
            });
        peer.text("last words");
        if drop_body {
            peer.body = None;
        } else {
            peer.vanish();
            peer.expect_end().await;
        }
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(*seen.borrow(), [CloseReason::Vanished, CloseReason::Vanished]);
    assert!(begin.elapsed() < SECOND);
}

#[actix_web::test]
async fn a_close_frame_counts_though_the_connection_is_lost_right_after() {
    let seen: Seen<CloseReason> = Rc::default();
    let told = Rc::clone(&seen);
    let mut peer =
        Peer::of(Options::default(), move |mut socket: Socket<Payload, Payload>| async move {
            assert!(socket.recv().await.unwrap().is_none());
            told.borrow_mut().push(socket.reason().unwrap());
        });
    peer.close(1001);
    peer.vanish();
    peer.body = None;
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    let code = CloseCode::new(1001);
    assert_eq!(*seen.borrow(), [CloseReason::Peer { code, reason: "".into() }]);
}

#[actix_web::test]
async fn a_handler_that_goes_on_is_dropped_after_its_grace() {
    tokio::time::pause();
    struct Dropped(Rc<Cell<bool>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Rc::new(Cell::new(false));
    let guard = Dropped(Rc::clone(&dropped));
    let mut peer =
        Peer::of(Options::default(), move |socket: Socket<Payload, Payload>| async move {
            let _held = (guard, socket);
            pending::<()>().await;
        });
    peer.vanish();
    sleep(4 * SECOND).await;
    assert!(!dropped.get());
    sleep(2 * SECOND).await;
    assert!(dropped.get());
}

#[actix_web::test]
async fn this_sides_close_waits_for_the_peers() {
    tokio::time::pause();
    for answers in [true, false] {
        let seen: Seen<Duration> = Rc::default();
        let told = Rc::clone(&seen);
        let mut peer =
            Peer::of(Options::default(), move |socket: Socket<Payload, Payload>| async move {
                socket.send(&Payload::Text("before".into())).await.unwrap();
                let begin = Instant::now();
                socket.close(CloseCode::NORMAL, "bye").await;
                told.borrow_mut().push(begin.elapsed());
            });
        peer.expect_text("before").await;
        assert_eq!(peer.expect_close().await, (1000, "bye".to_owned()));
        if answers {
            sleep(SECOND).await;
            peer.close(1000);
        }
        peer.expect_end().await;
        sleep(SECOND).await;
        assert_about(seen.borrow()[0], if answers { SECOND } else { 5 * SECOND });
    }
}

#[actix_web::test]
async fn a_handle_closes_from_another_thread_and_keeps_nothing_of_what_has_ended() {
    tokio::time::pause();
    let held = Rc::default();
    let holds: Seen<_> = Rc::clone(&held);
    let mut peer =
        Peer::of(Options::default(), move |mut socket: Socket<Payload, Payload>| async move {
            holds.borrow_mut().push((socket.handle(), socket.link().outbox().clone()));
            socket.send(&Payload::Text("before".into())).await.unwrap();
            while socket.recv().await.unwrap().is_some() {}
        });
    peer.expect_text("before").await;
    let (handle, outbox) = held.borrow()[0].clone();
    assert!(handle.is_open() && outbox.sink().is_some());
    let other = handle.clone();
    let told = std::thread::spawn(move || other.close(Ending::code(4001, "logged out")));
    assert!(told.join().unwrap());
    assert_eq!(peer.expect_close().await, (4001, "logged out".to_owned()));
    peer.close(4001);
    peer.expect_end().await;
    drop(peer);
    assert!(!handle.is_open() && outbox.sink().is_none());
}
