//! Heartbeats that a page can see.

use tokio::time::Instant;

use super::*;

fn asking(options: Options) -> Peer {
    Peer::start(|payload| upgrade_at("/?room=a&ereoHeartbeat=1", options).serve(payload, echo))
}

#[actix_web::test]
async fn the_first_says_how_often_they_come_and_no_message_puts_the_next_one_off() {
    tokio::time::pause();
    let mut peer = asking(Options::default().ping(Some(20 * SECOND)).idle(None));
    let begin = Instant::now();
    let beat = r#"{"type":"ereo.heartbeat","data":20000}"#;
    peer.expect_text(beat).await;
    assert_about(begin.elapsed(), Duration::ZERO);
    for n in 1..4 {
        tokio::time::sleep(10 * SECOND).await;
        peer.text("it speaks and is answered");
        peer.expect_text("it speaks and is answered").await;
        peer.expect_text(beat).await;
        assert_about(begin.elapsed(), n * 20 * SECOND);
    }
    // It is asked for a sign of life of its own as any other.
    let begin = Instant::now();
    let mut seen = [peer.next().await.unwrap().0, peer.next().await.unwrap().0];
    seen.sort_by_key(|opcode| *opcode as u8);
    assert_eq!(seen, [OpCode::Text, OpCode::Ping]);
    assert_about(begin.elapsed(), 20 * SECOND);
}

#[actix_web::test]
async fn the_first_goes_before_what_is_sent_before_the_answer() {
    let upgrade = upgrade_at("/?ereoHeartbeat=1", Options::default());
    let connection = upgrade.connection::<Text>();
    connection.send(&Text("hello".into())).await.unwrap();
    let mut peer = Peer::start(|payload| upgrade.serve(payload, echo));
    peer.expect_text(r#"{"type":"ereo.heartbeat","data":25000}"#).await;
    peer.expect_text("hello").await;
}

#[actix_web::test]
async fn where_none_come_the_client_is_told() {
    tokio::time::pause();
    let mut peer = asking(Options::default().ping(None).idle(None));
    peer.expect_text(r#"{"type":"ereo.heartbeat","data":0}"#).await;
    let silence = tokio::time::timeout(3600 * SECOND, peer.next()).await;
    assert!(silence.is_err(), "{silence:?}");
}

#[actix_web::test]
async fn who_does_not_ask_gets_none() {
    tokio::time::pause();
    for uri in ["/", "/?ereoHeartbeat=0", "/?ereoHeartbeat", "/?x=ereoHeartbeat=1"] {
        let options = Options::default().ping(Some(20 * SECOND)).idle(None);
        let mut peer = Peer::start(|payload| upgrade_at(uri, options).serve(payload, echo));
        for _ in 0..3 {
            assert_eq!(peer.next().await, Some((OpCode::Ping, Bytes::new())), "{uri}");
        }
    }
}

#[actix_web::test]
async fn behind_the_close_frame_comes_none() {
    tokio::time::pause();
    let options = Options::default().ping(Some(SECOND)).close_timeout(10 * SECOND);
    let mut peer = asking(options);
    peer.expect_text(r#"{"type":"ereo.heartbeat","data":1000}"#).await;
    peer.close(1000);
    assert_eq!(peer.expect_close().await.0, 1000);
    peer.expect_end().await;
}
