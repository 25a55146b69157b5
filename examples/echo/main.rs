//! A socket that says what it is told: `GET /ws`, text and binary, up to 64 MiB a message, compressed
//! where the client can read it. Pages of every origin may connect, and offer the subprotocol `echo.v1`.
//! `cargo run --example echo`; `tests/run --autobahn` runs Autobahn's cases against it.

use ereo_runtime::Payload;
use ereo_runtime::prelude::*;

/// Echoes.
#[websocket(
    "/ws",
    max_message = "64MiB",
    compression = "on",
    compression_threshold = "1B",
    origins = ["*"],
    protocols = ["echo.v1"]
)]
async fn echo(mut socket: Socket<Payload, Payload>) -> Result<(), SocketError> {
    while let Some(message) = socket.recv().await? {
        socket.send(&message).await?;
    }
    Ok(())
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    ereo_examples::trace();
    let routes = ereo_runtime::routes()?;
    if ereo_examples::has_written_contract(&routes)? {
        return Ok(());
    }
    let address = ("127.0.0.1", ereo_examples::port()?);
    tracing::info!("ws://{}:{}{}", address.0, address.1, echo::path());
    HttpServer::new(move || App::new().service(routes.clone()))
        .workers(ereo_examples::workers()?)
        .realtime(ereo_examples::realtime(Drain::within(Duration::from_secs(10))))
        .bind(address)?
        .run()
        .await
}
