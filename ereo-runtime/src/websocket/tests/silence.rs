//! Peers that say nothing.

use tokio::time::{Instant, sleep};

use super::*;

#[actix_web::test]
async fn a_silent_peer_is_pinged_and_then_given_up() {
    tokio::time::pause();
    let seen: Seen<CloseReason> = Rc::default();
    let told = Rc::clone(&seen);
    let options = Options::default().ping(Some(20 * SECOND)).idle(Some(50 * SECOND));
    let mut peer = Peer::of(options, move |mut socket: Socket<Payload, Payload>| async move {
        assert!(socket.recv().await.unwrap().is_none());
        told.borrow_mut().push(socket.reason().unwrap());
    });
    let begin = Instant::now();
    assert_eq!(peer.next().await, Some((OpCode::Ping, Bytes::new())));
    assert_about(begin.elapsed(), 20 * SECOND);
    // It answers once: everything begins anew.
    peer.frame(true, OpCode::Pong, b"");
    let begin = Instant::now();
    for _ in 0..2 {
        assert_eq!(peer.next().await, Some((OpCode::Ping, Bytes::new())));
    }
    assert_eq!(peer.expect_close().await.0, 1001);
    peer.expect_end().await;
    assert_about(begin.elapsed(), 50 * SECOND);
    tokio::task::yield_now().await;
    assert_eq!(*seen.borrow(), [CloseReason::Idle]);
}

#[actix_web::test]
async fn a_silent_peer_is_given_up_though_nobody_polls_the_body() {
    tokio::time::pause();
    let seen: Seen<()> = Rc::default();
    let told = Rc::clone(&seen);
    let _peer = Peer::of(Options::default(), move |socket: Socket<Payload, Text>| async move {
        // Fills its mailbox and waits for room that will not come.
        while socket.send(&Text("x".repeat(1000).into())).await.is_ok() {}
        told.borrow_mut().push(());
    });
    sleep(61 * SECOND).await;
    assert_eq!(seen.borrow().len(), 1);
}

#[actix_web::test]
async fn a_message_that_is_not_finished_is_given_up_though_the_peer_is_there() {
    tokio::time::pause();
    let options = Options::default().ping(Some(10 * SECOND)).message_timeout(Some(45 * SECOND));
    let mut peer = Peer::of(options, |mut socket: Socket<Payload, Payload>| async move {
        while let Some(message) = socket.recv().await? {
            socket.send(&message).await?;
        }
        Ok::<_, SocketError>(())
    });
    // A message that is finished in time does not count against the next one.
    peer.frame(false, OpCode::Text, b"in ");
    sleep(40 * SECOND).await;
    peer.frame(true, OpCode::Continuation, b"time");
    loop {
        match peer.next().await.unwrap() {
            (OpCode::Ping, _) => {}
            (_, payload) => break assert_eq!(payload, &b"in time"[..]),
        }
    }
    sleep(40 * SECOND).await;
    let begin = Instant::now();
    peer.frame(false, OpCode::Text, b"begun");
    let close = loop {
        match peer.next().await.unwrap() {
            // More of the message is a sign of life as well, and no end of it.
            (OpCode::Ping, _) => peer.frame(false, OpCode::Continuation, b" and"),
            (OpCode::Close, payload) => break payload,
            other => panic!("{other:?}"),
        }
    };
    assert_about(begin.elapsed(), 45 * SECOND);
    assert_eq!(close[..2], 1008u16.to_be_bytes());
}
