//! A feed with axum as it is written by hand today: `tokio::sync::broadcast` as a stream.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use axum::routing::get;
use axum::serve::ListenerExt as _;
use futures_util::{Stream, StreamExt as _};
use tokio::net::TcpListener;
use tokio::sync::broadcast::{Sender, channel};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

async fn feed(
    State(feed): State<Sender<String>>,
) -> Sse<impl Stream<Item = Result<Event, BroadcastStreamRecvError>>> {
    let events =
        BroadcastStream::new(feed.subscribe()).map(|data| Ok(Event::default().data(data?)));
    Sse::new(events).keep_alive(KeepAlive::default())
}

async fn publish(State(feed): State<Sender<String>>, body: String) -> StatusCode {
    // Fails only when nobody listens.
    let _ = feed.send(body);
    StatusCode::ACCEPTED
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let app = Router::new().route("/api/feed", get(feed).post(publish)).with_state(channel(1024).0);
    let listener = TcpListener::bind(("127.0.0.1", ereo_bench::number("PORT", 8080))).await?;
    let listener = listener.tap_io(|socket| {
        // actix and Bun do so by themselves.
        socket.set_nodelay(true).expect("a socket that was just accepted");
    });
    axum::serve(listener, app).await
}
