//! Neither side is read or written for faster than the other goes.

use std::cell::Cell;

use tokio::time::sleep;

use super::*;

#[actix_web::test]
async fn sending_waits_for_a_peer_that_does_not_read() {
    tokio::time::pause();
    let sent = Rc::new(Cell::new(0));
    let count = Rc::clone(&sent);
    let mut peer = Peer::of(Options::default(), move |socket: Socket<Payload, Text>| async move {
        for i in 0..1000 {
            socket.send(&Text(i.to_string().into())).await.unwrap();
            count.set(i + 1);
        }
    });
    sleep(SECOND).await;
    assert_eq!(sent.get(), MailboxLimits::default().frames);
    for i in 0..1000 {
        peer.expect_text(&i.to_string()).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(peer.expect_close().await.0, 1000);
}

#[actix_web::test]
async fn a_flood_of_pings_costs_a_bounded_number_of_pongs() {
    let mut peer = Peer::of(Options::default(), echo);
    for i in 0..1000u16 {
        peer.frame(true, OpCode::Ping, &i.to_be_bytes());
    }
    // One turn is not enough for all of them.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    peer.text("done");
    let mut pongs = Vec::new();
    while let Some((OpCode::Pong, payload)) = peer.next().await {
        pongs.push(payload);
    }
    assert!(pongs.len() <= 33, "{}", pongs.len());
    assert_eq!(pongs.last().unwrap()[..], 999u16.to_be_bytes(), "the latest is answered");
}

#[actix_web::test]
async fn a_slow_handler_is_not_read_for() {
    tokio::time::pause();
    let mut peer = Peer::of(
        Options::default().idle(Some(10 * SECOND)),
        |mut socket: Socket<Payload, Payload>| async move {
            while let Some(message) = socket.recv().await? {
                sleep(SECOND).await;
                socket.send(&message).await?;
            }
            Ok::<_, SocketError>(())
        },
    );
    for i in 0..100 {
        peer.text(&i.to_string());
    }
    // Longer than the idle timeout: it is not the peer that is silent.
    for i in 0..100 {
        loop {
            match peer.next().await.unwrap() {
                (OpCode::Ping, _) => {}
                (_, text) => break assert_eq!(text, i.to_string()),
            }
        }
        peer.frame(true, OpCode::Pong, b"");
    }
}
