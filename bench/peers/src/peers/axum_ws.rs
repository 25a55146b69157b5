//! A chat with axum as it is written by hand today: `tokio::sync::broadcast` and two tasks a socket. And an echo.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio::sync::mpsc::unbounded_channel;

/// Who said it, and what.
type Said = (u64, Utf8Bytes);

async fn chat(upgrade: WebSocketUpgrade, State(chat): State<Sender<Said>>) -> Response {
    // Before the answer: what is said from then on is for this client.
    let said = chat.subscribe();
    upgrade.on_upgrade(move |socket| serve(socket, chat, said))
}

async fn serve(socket: WebSocket, chat: Sender<Said>, mut said: Receiver<Said>) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let me = NEXT.fetch_add(1, Ordering::Relaxed);
    let (mut outgoing, mut incoming) = socket.split();
    let (acks, mut acked) = unbounded_channel();
    // A task of its own: waiting for a message must not try to read from the socket each time.
    let sending = tokio::spawn(async move {
        loop {
            let out: Utf8Bytes = tokio::select! {
                said = said.recv() => match said {
                    Ok((from, _)) if from == me => continue,
                    Ok((_, message)) => message,
                    // It has missed some, or the chat has ended.
                    Err(_) => return,
                },
                ack = acked.recv() => match ack {
                    Some(ack) => ack,
                    None => return,
                },
            };
            if outgoing.send(Message::Text(out)).await.is_err() {
                return;
            }
        }
    });
    while let Some(Ok(message)) = incoming.next().await {
        let Message::Text(text) = message else { continue };
        let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(&text) else { continue };
        let ack = json!({ "type": "ack", "id": fields.get("id") });
        fields.insert("type".to_owned(), "message".into());
        fields.insert("userId".to_owned(), "anonymous".into());
        // Both fail only when the other task has ended.
        let _ = acks.send(ack.to_string().into());
        let _ = chat.send((me, Value::Object(fields).to_string().into()));
    }
    sending.abort();
}

async fn echo(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            let Message::Text(_) = message else { continue };
            if socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let app = Router::new()
        .route("/api/ws", get(chat))
        .route("/ws", get(echo))
        .with_state(channel(1024).0);
    let listener = TcpListener::bind(("127.0.0.1", ereo_bench::number("PORT", 8080))).await?;
    let listener = listener.tap_io(|socket| {
        // actix and Bun do so by themselves.
        socket.set_nodelay(true).expect("a socket that was just accepted");
    });
    axum::serve(listener, app).await
}
