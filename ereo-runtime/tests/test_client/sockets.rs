//! Sockets.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use ereo_runtime::prelude::*;
use ereo_runtime::test::TestApp;
use ereo_runtime::{CloseCode, Payload};
use serde_json::{Value, json};

use crate::{Line, Lines, everywhere, line};

#[derive(Deserialize)]
struct Said {
    id: Option<Value>,
    text: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Message)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    Welcome,
    Ack { id: Option<Value> },
    Typing,
}

#[websocket("/chat", origins = ["https://app.example"], protocols = ["chat.v2"])]
async fn chat(mut socket: Socket<Said, Told>) -> Result<(), SocketError> {
    socket.send(&Told::Welcome).await?;
    while let Some(Said { id, text }) = socket.recv().await? {
        match text.as_str() {
            "bye" => return Err(SocketError::close(CloseCode::new(4001).unwrap(), "bye")),
            "nothing" => {}
            _ => {
                socket.send(&Told::Typing).await?;
                socket.send(&Told::Ack { id }).await?;
            }
        }
    }
    Ok(())
}

#[websocket("/echo", max_message = "1MiB")]
async fn echo(mut socket: Socket<Payload, Payload>) -> Result<(), SocketError> {
    while let Some(frame) = socket.recv().await? {
        socket.send(&frame).await?;
    }
    Ok(())
}

/// Tells how it ends.
#[websocket("/seat")]
async fn seat(
    mut socket: Socket<String, Line>,
    lines: Lines,
    ends: Data<SyncSender<String>>,
) -> Result<(), SocketError> {
    let _seat = lines.join(&socket)?;
    while let Some(text) = socket.recv().await? {
        lines.broadcast(&line(&text))?;
    }
    ends.send(format!("{:?}", socket.reason())).unwrap();
    Ok(())
}

async fn seats(lines: &Lines) -> (TestApp, Receiver<String>) {
    let (ends, ended) = sync_channel(10);
    let app = App::new().app_data(Data::new(ends)).configure(crate::configured(lines));
    (ereo_runtime::test::app(app).await, ended)
}

#[test]
fn what_is_said_is_answered() {
    everywhere(async |app, _| {
        let foreign = app.socket(chat::path()).origin("https://evil.example").await.unwrap_err();
        assert_eq!(foreign.status(), 403);
        let socket = app.socket(chat::path()).origin("https://app.example");
        let mut ann = socket.protocols(["chat.v1", "chat.v2"]).await.unwrap();
        assert_eq!(ann.protocol(), Some("chat.v2"));
        assert_eq!(ann.next::<Told>().await, Told::Welcome);
        let answer = ann.ask::<Told>(&json!({ "text": "hi" })).await;
        assert!(matches!(answer, Told::Ack { id: Some(_) }), "{answer:?}");
        ann.expect(&json!({ "type": "typing" })).await;
        ann.send(&json!({ "text": "bye" })).await;
        let closed = ann.closed().await;
        assert_eq!((closed.code(), closed.reason()), (4001, "bye"));
        assert_eq!(ann.closed().await, closed, "it stays so");
    });
}

#[test]
fn texts_and_bytes_go_as_they_are() {
    everywhere(async |app, _| {
        let mut ann = app.socket(echo::path()).await.unwrap();
        ann.send("as it is").await;
        assert_eq!(ann.next::<String>().await, "as it is");
        let large = vec![7; 300_000];
        let large = Payload::Binary(large.into());
        ann.send(&large).await;
        assert_eq!(ann.next::<Payload>().await, large);
        assert_eq!(ann.close(4002).await, 4002);
    });
}

#[test]
fn a_drain_closes_sockets() {
    everywhere(async |app, _| {
        let mut ann = app.socket(echo::path()).await.unwrap();
        app.drain().await;
        assert_eq!(ann.closed().await, CloseCode::SERVICE_RESTART);
    });
}

#[ereo_runtime::test]
async fn an_hour_of_silence_is_survived_by_every_socket() {
    let lines = Data::new(ClientSet::new());
    let (app, ended) = seats(&lines).await;
    let mut ann = app.socket(seat::path()).await.unwrap();
    let mut bob = app.socket(seat::path()).await.unwrap();
    // Bob's pings are answered while only Ann is looked at.
    ann.silent_for(Duration::from_secs(3600)).await;
    ann.send(&"still here").await;
    assert_eq!(bob.next::<Line>().await, line("still here"));
    assert_eq!(ann.next::<Line>().await, line("still here"));

    assert_eq!(lines.len(), 2);
    assert_eq!(ann.close(1000).await, CloseCode::NORMAL);
    assert_eq!(lines.len(), 1, "gone when `close` returns");
    assert!(ended.recv().unwrap().starts_with("Some(Peer { code: Some(1000)"));
    drop(bob);
    tokio::task::yield_now().await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(ended.try_recv().unwrap(), "Some(Vanished)");
}
