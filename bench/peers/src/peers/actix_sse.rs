//! A feed with actix-web-lab's `Sse` as it is written by hand today: a channel a client.

use std::sync::Mutex;
use std::time::Duration;

use actix_web::web::{Data, get};
use actix_web::{App, HttpResponse, HttpServer, Responder};
use actix_web_lab::sse::{self, Sse};
use bytestring::ByteString;
use tokio::sync::mpsc::{Sender, channel};

/// Messages that may wait for one client; one whose channel is full is dropped.
const WAITING: usize = 256;

#[derive(Default)]
struct Clients(Mutex<Vec<Sender<sse::Event>>>);

async fn feed(clients: Data<Clients>) -> impl Responder {
    let (sender, receiver) = channel(WAITING);
    clients.0.lock().expect("no panics under the lock").push(sender);
    Sse::from_infallible_receiver(receiver).with_keep_alive(Duration::from_secs(15))
}

async fn publish(clients: Data<Clients>, body: String) -> impl Responder {
    let data = ByteString::from(body);
    let mut clients = clients.0.lock().expect("no panics under the lock");
    clients.retain(|client| client.try_send(sse::Data::new(data.clone()).into()).is_ok());
    HttpResponse::Accepted()
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let clients = Data::new(Clients::default());
    HttpServer::new(move || {
        let route = get().to(feed);
        let publish = actix_web::web::post().to(publish);
        App::new().app_data(clients.clone()).route("/api/feed", route).route("/api/feed", publish)
    })
    .workers(ereo_bench::number("WORKERS", 1))
    .shutdown_timeout(1)
    .bind(("127.0.0.1", ereo_bench::number("PORT", 8080)))?
    .run()
    .await
}
