//! The guide's events: a ticker, and a feed that anybody can post to. `cargo run --example events`.

use std::time::Instant;

use actix_web::error::ErrorBadRequest;
use actix_web::{HttpResponse, Responder, get, post};
use ereo_runtime::prelude::*;
use futures_util::stream::unfold;
use serde::de::IgnoredAny;
use tokio::time::{Interval, interval_at};

/// What the ticker sends.
#[derive(Serialize, Message, JsonSchema)]
struct Tick {
    /// Now, as JavaScript's `toISOString` writes it.
    time: String,
    message: &'static str,
}

/// An event every 2 seconds.
#[sse("/api/events")]
async fn events() -> impl Stream<Item = Tick> {
    let every = Duration::from_secs(2);
    let interval = interval_at((Instant::now() + every).into(), every);
    unfold(interval, |mut interval: Interval| async move {
        interval.tick().await;
        let time = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        Some((Tick { time, message: "Server tick" }, interval))
    })
}

/// What was posted, to everybody; the last 1,000 for those who come back.
#[sse("/api/feed")]
async fn feed(feed: Data<ClientSet<Event>>, last: LastEventId) -> Subscription<Event> {
    feed.subscribe(last)
}

#[derive(Deserialize)]
struct Name {
    event: Option<String>,
}

/// Sends any JSON unchanged as the data of an event, named by `?event=`.
#[post("/api/feed")]
async fn publish(
    feed: Data<ClientSet<Event>>,
    name: Query<Name>,
    body: String,
) -> actix_web::Result<impl Responder> {
    serde_json::from_str::<IgnoredAny>(&body).map_err(ErrorBadRequest)?;
    let event = match name.into_inner().event {
        Some(name) => Event::new(body).event(name).map_err(ErrorBadRequest)?,
        None => Event::new(body),
    };
    let receipt = feed.broadcast(&event).map_err(actix_web::error::ErrorPayloadTooLarge)?;
    let position = receipt.await.map_err(actix_web::error::ErrorServiceUnavailable)?;
    Ok(HttpResponse::Accepted().json(serde_json::json!({ "position": position.to_string() })))
}

#[get("/")]
async fn page() -> impl Responder {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(include_str!("page.html"))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    ereo_examples::trace();
    let feed = Data::new(ClientSet::<Event>::builder().history(1000).build());
    let routes = ereo_runtime::routes()?;
    if ereo_examples::has_written_contract(&routes)? {
        return Ok(());
    }
    let address = ("127.0.0.1", ereo_examples::port()?);
    tracing::info!("http://{}:{}", address.0, address.1);
    HttpServer::new(move || {
        App::new()
            .app_data(feed.clone())
            .app_data(actix_web::web::PayloadConfig::new(1 << 20))
            // Before the routes: they answer every other method of `/api/feed` with 405.
            .service(publish)
            .service(routes.clone())
            .service(ereo_runtime::browser_client("/ereo.js"))
            .service(page)
    })
    .workers(ereo_examples::workers()?)
    .max_connections(ereo_examples::connections()?)
    .realtime(ereo_examples::realtime(Drain::within(Duration::from_secs(10))))
    .bind(address)?
    .run()
    .await
}
