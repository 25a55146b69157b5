//! A socket that comes back for what it missed: the example of `ereo_runtime::broadcast`, over real
//! sockets.

use ereo_runtime::prelude::*;
use ereo_runtime::test::{self, TestApp};
use ereo_runtime::{CloseCode, Delivery, ResetReason};
use serde_json::{Value, json};

use crate::support::over_tcp;

#[derive(Clone, Serialize, Message)]
#[serde(tag = "type")]
enum Sent {
    #[serde(rename = "line")]
    Line { id: Position, text: String },
    #[serde(rename = "reset")]
    Reset { id: Position, reason: ResetReason, missed: Option<u64> },
}

#[websocket("/resume/ws", ping = "off", idle = "off")]
async fn lines(
    mut socket: Socket<String, Sent>,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Result<(), SocketError> {
    let mut lines = set.subscribe(last);
    loop {
        tokio::select! {
            delivery = lines.recv() => {
                let id = lines.position();
                let sent = match delivery {
                    Some(Delivery::Message { message, .. }) => Sent::Line { id, text: message.clone() },
                    Some(Delivery::Reset { reason, missed, .. }) => Sent::Reset { id, reason, missed },
                    Some(Delivery::Expired) => return Err(SocketError::close(CloseCode::UNAUTHORIZED, "expired")),
                    None => return Err(SocketError::close(CloseCode::TRY_AGAIN_LATER, "lagged")),
                    Some(other) => unreachable!("{other:?}"),
                };
                socket.send(&sent).await?;
            }
            said = socket.recv() => match said? {
                Some(text) => { set.broadcast(&text)?; }
                None => return Ok(()),
            },
        }
    }
}

/// Both ways for a position to come; a browser's `WebSocket` has only the second.
async fn back(app: &TestApp, by_header: bool, last: &str) -> test::Socket {
    let came = match by_header {
        true => app.socket(lines::ROUTE).header("last-event-id", last),
        false => app.socket(format!("{}?lastEventID={last}", lines::ROUTE)),
    };
    came.await.unwrap()
}

fn line(text: &str, id: &str) -> Value {
    json!({ "type": "line", "id": id, "text": text })
}

fn send(set: &ClientSet<String>, texts: &[&str]) -> Vec<String> {
    texts
        .iter()
        .map(|text| set.broadcast(&(*text).to_owned()).unwrap().position().unwrap().to_string())
        .collect()
}

#[ereo_runtime::test]
async fn a_socket_that_comes_back_gets_what_it_missed_and_nothing_twice() {
    for way in [true, false] {
        let set = ClientSet::new();
        let app = over_tcp(&set, module_path!()).await;
        let mut socket = app.socket(lines::ROUTE).await.unwrap();
        socket.send("one").await;
        let one = socket.next::<Value>().await;
        assert_eq!(one, line("one", &set.position().to_string()));
        drop(socket);
        let missed = send(&set, &["two", "three"]);
        let mut socket = back(&app, way, one["id"].as_str().unwrap()).await;
        socket.expect(&line("two", &missed[0])).await;
        // Lost once more, with one message unheard.
        drop(socket);
        let mut socket = back(&app, way, &missed[0]).await;
        socket.expect(&line("three", &missed[1])).await;
        let next = send(&set, &["four"]);
        socket.expect(&line("four", &next[0])).await;
    }
}

#[ereo_runtime::test]
async fn a_socket_that_cannot_go_on_is_told_what_is_missing() {
    for way in [true, false] {
        let set = ClientSet::builder().history(2).build();
        let app = over_tcp(&set, module_path!()).await;
        let start = set.position().to_string();
        let sent = send(&set, &["one", "two", "three"]);
        let reset = |reason: &str, missed: Option<u64>| json!({ "type": "reset", "id": sent[2], "reason": reason, "missed": missed });
        back(&app, way, &start).await.expect(&reset("expired", Some(3))).await;
        let future = format!("{}-4", set.position().epoch());
        for foreign in [&future, "0123456789abcdef-1", "nonsense", "42", "%"] {
            back(&app, way, foreign).await.expect(&reset("epoch", None)).await;
        }
        let mut before_oldest = back(&app, way, &sent[0]).await;
        before_oldest.expect(&line("two", &sent[1])).await;
        before_oldest.expect(&line("three", &sent[2])).await;
        let mut at_the_end = back(&app, way, &sent[2]).await;
        let next = send(&set, &["four"]);
        for socket in [&mut before_oldest, &mut at_the_end] {
            socket.expect(&line("four", &next[0])).await;
        }
    }
}

/// It is not read, so what it is sent waits, and its subscription is overtaken.
#[ereo_runtime::test]
async fn a_socket_that_is_overtaken_is_closed_and_told_when_it_comes_back() {
    let set = ClientSet::builder().history(4).build();
    let app = over_tcp(&set, module_path!()).await;
    let mut socket = app.socket(lines::ROUTE).await.unwrap();
    socket.send("0").await;
    let mut last = socket.next::<Value>().await;
    const MESSAGES: u64 = 2_000;
    // The test's thread reads nothing meanwhile.
    for n in 1..MESSAGES {
        set.broadcast(&format!("{n} {}", "x".repeat(16 << 10))).unwrap();
    }
    while let Ok(told) = socket.try_next::<Value>().await {
        last = told;
    }
    let close = socket.closed().await;
    assert_eq!((close.code(), close.reason()), (1013, "lagged"));
    let last = last["id"].as_str().unwrap();
    let offset: u64 = last.rsplit('-').next().unwrap().parse().unwrap();
    assert!(offset < MESSAGES);
    for way in [true, false] {
        let reset = back(&app, way, last).await.next::<Value>().await;
        assert_eq!(
            (&reset["reason"], &reset["missed"]),
            (&"expired".into(), &(MESSAGES - offset).into())
        );
    }
}
