//! Scratch: the echo server that Autobahn's cases run against until the example `echo` is there.

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use ereo_runtime::Frame;
use ereo_runtime::websocket::{self, Options, Socket, SocketError};

async fn echo(mut socket: Socket<Frame, Frame>) -> Result<(), SocketError> {
    while let Some(message) = socket.recv().await? {
        socket.send(&message).await?;
    }
    Ok(())
}

async fn route(request: HttpRequest, payload: web::Payload) -> actix_web::Result<HttpResponse> {
    let options = Options::default().max_message(64 << 20);
    Ok(websocket::accept(&request, options)?.serve(payload.into_inner(), echo))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080);
    HttpServer::new(|| App::new().route("/ws", web::get().to(route)))
        .workers(1)
        .bind(("127.0.0.1", port))?
        .run()
        .await
}
