//! A chat with actix-ws as it is written by hand today: a channel a client, each with a task. And an echo.

use std::sync::Mutex;

use actix_web::web::{Data, Payload, get};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt};
use actix_ws::{Message, Session};
use bytestring::ByteString;
use futures_util::StreamExt as _;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[derive(Default)]
struct Clients(Mutex<Vec<UnboundedSender<ByteString>>>);

impl Clients {
    fn join(&self) -> (UnboundedSender<ByteString>, UnboundedReceiver<ByteString>) {
        let (sender, receiver) = unbounded_channel();
        self.0.lock().expect("no panics under the lock").push(sender.clone());
        (sender, receiver)
    }

    fn broadcast(&self, message: &ByteString, from: &UnboundedSender<ByteString>) {
        self.0
            .lock()
            .expect("no panics under the lock")
            .retain(|client| client.same_channel(from) || client.send(message.clone()).is_ok());
    }
}

async fn deliver(mut session: Session, mut messages: UnboundedReceiver<ByteString>) {
    while let Some(message) = messages.recv().await {
        if session.text(message).await.is_err() {
            return;
        }
    }
}

async fn chat(
    req: HttpRequest,
    body: Payload,
    clients: Data<Clients>,
) -> actix_web::Result<HttpResponse> {
    let (response, session, mut incoming) = actix_ws::handle(&req, body)?;
    let (sender, messages) = clients.join();
    rt::spawn(deliver(session.clone(), messages));
    let mut session = session;
    rt::spawn(async move {
        while let Some(Ok(message)) = incoming.next().await {
            let Message::Text(text) = message else { continue };
            let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(&text) else {
                continue;
            };
            let ack = json!({ "type": "ack", "id": fields.get("id") });
            if session.text(ack.to_string()).await.is_err() {
                return;
            }
            fields.insert("type".to_owned(), "message".into());
            fields.insert("userId".to_owned(), "anonymous".into());
            clients.broadcast(&Value::Object(fields).to_string().into(), &sender);
        }
    });
    Ok(response)
}

async fn echo(req: HttpRequest, body: Payload) -> actix_web::Result<HttpResponse> {
    let (response, mut session, mut incoming) = actix_ws::handle(&req, body)?;
    rt::spawn(async move {
        while let Some(Ok(message)) = incoming.next().await {
            let Message::Text(text) = message else { continue };
            if session.text(text).await.is_err() {
                return;
            }
        }
    });
    Ok(response)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let clients = Data::new(Clients::default());
    HttpServer::new(move || {
        App::new()
            .app_data(clients.clone())
            .route("/api/ws", get().to(chat))
            .route("/ws", get().to(echo))
    })
    .workers(ereo_bench::number("WORKERS", 1))
    .shutdown_timeout(1)
    .bind(("127.0.0.1", ereo_bench::number("PORT", 8080)))?
    .run()
    .await
}
