//! The Ereo side of `bench/run deflate`: a set that is broadcast to over HTTP, and a socket
//! route to it for each way of compressing. `bench/deflate/server.js` is the same for Bun.

use actix_web::{HttpResponse, Responder, error, post};
use ereo_runtime::prelude::*;

type Sent = String;

async fn listen(mut socket: Socket<String, Sent>, set: Data<ClientSet<Sent>>) {
    let Ok(_seat) = set.join(&socket) else { return };
    // What a client says is read, and inflated if it comes so.
    while let Ok(Some(_)) = socket.recv().await {}
}

#[websocket("/off", compression = "off", ping = "off", idle = "off")]
async fn off(socket: Socket<String, Sent>, set: Data<ClientSet<Sent>>) {
    listen(socket, set).await;
}

#[websocket("/broadcast", compression = "broadcast", ping = "off", idle = "off")]
async fn broadcast(socket: Socket<String, Sent>, set: Data<ClientSet<Sent>>) {
    listen(socket, set).await;
}

#[websocket("/on", compression = "on", ping = "off", idle = "off")]
async fn on(socket: Socket<String, Sent>, set: Data<ClientSet<Sent>>) {
    listen(socket, set).await;
}

/// Broadcasts each line of the body.
#[post("/publish")]
async fn publish(lines: String, set: Data<ClientSet<Sent>>) -> actix_web::Result<impl Responder> {
    for line in lines.lines() {
        set.broadcast(&line.to_owned()).map_err(error::ErrorInternalServerError)?;
    }
    Ok(HttpResponse::Ok().body("published"))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let Some(port) = std::env::var("PORT").ok().and_then(|port| port.parse::<u16>().ok()) else {
        println!("a server for `bench/run deflate`, which sets PORT");
        return Ok(());
    };
    let set = Data::new(ClientSet::<Sent>::new());
    let routes = ereo_runtime::routes()?;
    HttpServer::new(move || {
        App::new().app_data(set.clone()).service(routes.clone()).service(publish)
    })
    // Bun has one thread too.
    .workers(1)
    .realtime(Drain::within(Duration::from_secs(1)))
    .bind(("127.0.0.1", port))?
    .run()
    .await
}
