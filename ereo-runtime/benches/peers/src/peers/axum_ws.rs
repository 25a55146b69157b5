//! A chat with axum as it is written by hand today: `tokio::sync::broadcast` and a task a socket.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::broadcast::{Receiver, Sender, channel};

/// Who said it, and what.
type Said = (u64, Utf8Bytes);

async fn chat(upgrade: WebSocketUpgrade, State(chat): State<Sender<Said>>) -> Response {
    // Before the answer: what is said from then on is for this client.
    let said = chat.subscribe();
    upgrade.on_upgrade(move |socket| serve(socket, chat, said))
}

async fn serve(mut socket: WebSocket, chat: Sender<Said>, mut said: Receiver<Said>) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let me = NEXT.fetch_add(1, Ordering::Relaxed);
    loop {
        let out = tokio::select! {
            said = said.recv() => match said {
                Ok((from, _)) if from == me => continue,
                Ok((_, message)) => message,
                // It has missed some, or the chat has ended.
                Err(_) => return,
            },
            message = socket.recv() => {
                let Some(Ok(message)) = message else { return };
                let Message::Text(text) = message else { continue };
                let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(&text) else { continue };
                let ack = json!({ "type": "ack", "id": fields.get("id") });
                fields.insert("type".to_owned(), "message".into());
                fields.insert("userId".to_owned(), "anonymous".into());
                // Fails only when nobody listens, and this socket does.
                let _ = chat.send((me, Value::Object(fields).to_string().into()));
                ack.to_string().into()
            }
        };
        if socket.send(Message::Text(out)).await.is_err() {
            return;
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let app = Router::new().route("/api/ws", get(chat)).with_state(channel(1024).0);
    let listener = TcpListener::bind(("127.0.0.1", ereo_bench::number("PORT", 8080))).await?;
    let listener = listener.tap_io(|socket| {
        // actix and Bun do so by themselves.
        socket.set_nodelay(true).expect("a socket that was just accepted");
    });
    axum::serve(listener, app).await
}
