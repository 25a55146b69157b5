//! The main job: a rendered dashboard that goes on live. `cargo run --example dashboard`, then open
//! <http://127.0.0.1:8080>. Orders are kept in the SQLite file that `DATABASE` names, else in memory; with
//! `STORE=sqlite:feed.db` pages that are open go on over a restart, with `STORE=redis://127.0.0.1` over several servers, too.

mod operate;
mod order;
mod shop;

use actix_web::{HttpRequest, HttpResponse, Responder, get};
use ereo_runtime::prelude::*;
use ereo_runtime::{Redis, Sqlite, browser_client};

use shop::{Shop, ShopError, Stats, blocking};

/// The figures, with the position from which the stream goes on.
#[loader("/dashboard/data", live = stats_stream)]
async fn stats(shop: Data<Shop>) -> Result<Stats, ShopError> {
    blocking(&shop, Shop::stats).await
}

/// Every change of the figures.
#[sse("/api/stats-stream", retry = "1s", heartbeat = "15s")]
async fn stats_stream(feed: Data<ClientSet<Stats>>, last: LastEventId) -> Subscription<Stats> {
    feed.subscribe(last)
}

const CLIENT: &str = "/ereo.js";

/// The page, rendered with the loader's data.
#[get("/")]
async fn page(req: HttpRequest) -> actix_web::Result<impl Responder> {
    let stats = stats::load(&req).await?;
    let html = include_str!("page.html")
        .replace("{{active_users}}", &stats.active_users.to_string())
        .replace("{{revenue_today}}", &format!("{:.2}", stats.revenue_today))
        .replace("{{client}}", CLIENT)
        .replace("{{loader_script}}", &stats.script());
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html))
}

/// Active users are open streams: whenever their number changes, everybody is told.
async fn tell_of_users(shop: Data<Shop>, feed: Data<ClientSet<Stats>>) {
    let mut users = feed.watch_len();
    while users.changed().await.is_ok() {
        if let Err(error) = blocking(&shop, Shop::users_changed).await {
            tracing::error!(%error, "the number of users was not told");
        }
    }
}

/// Kept where `STORE` says, else in memory.
async fn feed() -> std::io::Result<ClientSet<Stats>> {
    let Ok(store) = std::env::var("STORE") else { return Ok(ClientSet::new()) };
    let log = if let Some(file) = store.strip_prefix("sqlite:") {
        Sqlite::open(file).map_err(std::io::Error::other)?.log("stats")
    } else if store.starts_with("redis") {
        Redis::connect(store).await.map_err(std::io::Error::other)?.log("stats")
    } else {
        return Err(std::io::Error::other("STORE is `sqlite:` and a file, or `redis://host`"));
    };
    Ok(ClientSet::builder().store(log).build())
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    ereo_examples::trace();
    let feed = Data::new(feed().await?);
    let file = std::env::var("DATABASE").ok();
    let shop = Shop::open(file, feed.as_ref().clone()).map_err(std::io::Error::other)?;
    let shop = Data::new(shop);
    actix_web::rt::spawn(tell_of_users(shop.clone(), feed.clone()));

    let drain = Drain::within(Duration::from_secs(10));
    let state = Data::new(drain.handle());
    let metrics = Data::new(operate::recorder()?);
    let routes = ereo_runtime::routes()?;
    if ereo_examples::has_written_contract(&routes)? {
        return Ok(());
    }
    let address = ("127.0.0.1", ereo_examples::port()?);
    tracing::info!("http://{}:{}", address.0, address.1);
    HttpServer::new(move || {
        App::new()
            .app_data(feed.clone())
            .app_data(shop.clone())
            .app_data(state.clone())
            .app_data(metrics.clone())
            .service(operate::health)
            .service(operate::metrics)
            .service(routes.clone())
            .service(browser_client(CLIENT))
            .service(page)
            .service(order::create_order)
    })
    .workers(ereo_examples::workers()?)
    .realtime(ereo_examples::realtime(drain))
    .bind(address)?
    .run()
    .await
}
