//! What a handler gets, and what of it is an error.

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
struct Order {
    #[allow(dead_code)]
    amount: u32,
}

#[actix_web::test]
async fn text_and_binary_are_echoed_and_the_close_is_answered() {
    let mut peer = Peer::of(Options::default(), echo);
    peer.text("hello");
    peer.frame(true, OpCode::Ping, b"are you there");
    peer.frame(false, OpCode::Binary, &[0; 40_000]);
    peer.frame(true, OpCode::Continuation, &[1; 20_000]);
    // The pong overtakes what waits.
    assert_eq!(peer.next().await, Some((OpCode::Pong, Bytes::from_static(b"are you there"))));
    peer.expect_text("hello").await;
    assert_eq!(peer.next().await.unwrap().1.len(), 60_000);
    peer.close(1001);
    assert_eq!(peer.expect_close().await.0, 1001);
    peer.expect_end().await;
}

#[actix_web::test]
async fn bad_json_is_an_error_to_go_on_from() {
    let mut peer = Peer::of(Options::default(), |mut socket: Socket<Order, String>| async move {
        loop {
            match socket.recv().await {
                Ok(Some(order)) => socket.send(&format!("{order:?}")).await?,
                Ok(None) => return Ok::<_, SocketError>(()),
                Err(SocketError::Decode(error)) => socket.send(&error.to_string()).await?,
                Err(error) => return Err(error),
            }
        }
    });
    peer.text("{}");
    peer.text(r#"{"amount":7}"#);
    peer.expect_text("missing field `amount` at line 1 column 2").await;
    peer.expect_text("Order { amount: 7 }").await;
}

#[actix_web::test]
async fn bad_json_that_nobody_looks_at_is_1007_and_names_the_field() {
    let mut peer = Peer::of(Options::default(), |mut socket: Socket<Order, String>| async move {
        while socket.recv().await?.is_some() {}
        Ok::<_, SocketError>(())
    });
    peer.text("{}");
    let (code, reason) = peer.expect_close().await;
    assert_eq!(code, 1007);
    assert!(reason.contains("`amount`"), "{reason}");
}

#[actix_web::test]
async fn raw_types_want_their_kind_of_message() {
    let mut peer = Peer::of(Options::default(), |mut socket: Socket<Binary, Text>| async move {
        while socket.recv().await?.is_some() {}
        Ok::<_, SocketError>(())
    });
    peer.frame(true, OpCode::Binary, b"fine");
    peer.text("not fine");
    assert_eq!(peer.expect_close().await.0, 1003);
}
