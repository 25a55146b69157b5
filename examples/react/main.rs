//! The guide's three components in React, over `ereo-client/react`: a ticker, a chat and a dashboard. This is what
//! they talk to; the front end is `web/`, an application of Vite. `cargo run --example react`, and in
//! `examples/react/web`: `npm install`, `npm run dev`. `RATE` is how many ticks there are a second (1).

use std::sync::atomic::{AtomicU64, Ordering};

use ereo_runtime::prelude::*;

/// What the ticker sends.
#[derive(Clone, Serialize, Message, JsonSchema)]
struct Tick {
    n: u64,
    message: String,
}

/// Every tick, to everybody; the last 10,000 for those who come back.
#[sse("/api/events")]
async fn events(ticks: Data<ClientSet<Tick>>, last: LastEventId) -> Subscription<Tick> {
    ticks.subscribe(last)
}

/// What the chat is told.
#[derive(Deserialize, JsonSchema)]
struct Says {
    id: u64,
    text: String,
}

/// What it tells.
#[derive(Clone, Serialize, Message, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    /// To everybody.
    Line { text: String },
    /// To who has said it.
    Ack { id: u64 },
}

#[websocket("/api/ws")]
async fn chat(
    mut socket: Socket<Says, Told>,
    lines: Data<ClientSet<Told>>,
) -> Result<(), SocketError> {
    let seat = lines.join(&socket)?;
    while let Some(Says { id, text }) = socket.recv().await? {
        seat.broadcast(&Told::Line { text })?;
        socket.send(&Told::Ack { id }).await?;
    }
    Ok(())
}

/// What the dashboard shows.
#[derive(Clone, Serialize, Message, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Stats {
    active_users: usize,
    revenue_today: u64,
}

/// In dollars.
#[derive(Default)]
struct Revenue(AtomicU64);

impl Revenue {
    fn stats(&self, feed: &ClientSet<Stats>) -> Stats {
        Stats { active_users: feed.len(), revenue_today: self.0.load(Ordering::Relaxed) }
    }
}

#[loader("/dashboard/data", live = stats_stream)]
async fn stats(revenue: Data<Revenue>, feed: Data<ClientSet<Stats>>) -> Stats {
    revenue.stats(&feed)
}

#[sse("/api/stats-stream")]
async fn stats_stream(feed: Data<ClientSet<Stats>>, last: LastEventId) -> Subscription<Stats> {
    feed.subscribe(last)
}

/// Ticks, and an order now and then.
async fn tick(
    rate: u64,
    ticks: Data<ClientSet<Tick>>,
    revenue: Data<Revenue>,
    feed: Data<ClientSet<Stats>>,
) {
    let mut interval = tokio::time::interval(Duration::from_secs(1) / rate.max(1) as u32);
    for n in 1.. {
        interval.tick().await;
        let told = ticks.broadcast(&Tick { n, message: format!("tick {n}") }).map(|_| ());
        let sold = if n % rate == 0 {
            revenue.0.fetch_add(9, Ordering::Relaxed);
            feed.broadcast(&revenue.stats(&feed)).map(|_| ())
        } else {
            Ok(())
        };
        if let Err(error) = told.and(sold) {
            tracing::error!(%error, "nobody was told");
        }
    }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    ereo_examples::trace();
    let routes = ereo_runtime::routes()?;
    if ereo_examples::has_written_contract(&routes)? {
        return Ok(());
    }
    let ticks = Data::new(ClientSet::<Tick>::builder().history(10_000).build());
    let lines = Data::new(ClientSet::<Told>::new());
    let feed = Data::new(ClientSet::<Stats>::new());
    let revenue = Data::new(Revenue::default());
    let rate = ereo_examples::number("RATE")?.unwrap_or(1).max(1);
    actix_web::rt::spawn(tick(rate, ticks.clone(), revenue.clone(), feed.clone()));
    let address = ("127.0.0.1", ereo_examples::port()?);
    tracing::info!("http://{}:{}", address.0, address.1);
    HttpServer::new(move || {
        App::new()
            .app_data(ticks.clone())
            .app_data(lines.clone())
            .app_data(feed.clone())
            .app_data(revenue.clone())
            .service(routes.clone())
    })
    .workers(ereo_examples::workers()?)
    .realtime(ereo_examples::realtime(Drain::within(Duration::from_secs(10))))
    .bind(address)?
    .run()
    .await
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_front_end_has_the_contract() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/react/web/src/ereo.gen.ts");
        ereo_runtime::routes().unwrap().contract().strict().check(file).unwrap();
    }
}
