//! A loader and the route that goes on from it, by a path.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

/// What both send.
#[derive(Clone, Serialize, Message)]
pub struct Stats {
    active: u64,
}

/// Feeds.
pub mod feeds {
    use super::Stats;
    use ereo_runtime::prelude::*;

    /// Live.
    #[sse("/stats/{shop}/stream")]
    pub async fn stats_stream(
        shop: String,
        set: Data<ClientSet<Stats>>,
        last: LastEventId,
    ) -> Result<Subscription<Stats>, actix_web::Error> {
        if shop.is_empty() {
            return Err(actix_web::error::ErrorNotFound("no such shop"));
        }
        Ok(set.subscribe(last))
    }
}

/// Loaded.
#[loader("/stats/{shop}/data", live = feeds::stats_stream, cache = "60s")]
pub async fn stats(shop: String) -> std::io::Result<Stats> {
    Ok(Stats { active: shop.len() as u64 })
}

/// A page that is rendered with it.
pub async fn page(request: actix_web::HttpRequest) -> Result<String, actix_web::Error> {
    let stats: LoaderData<Stats> = stats::load(&request).await?;
    Ok(stats.script())
}

fn main() {
    assert_eq!(stats::path("tea"), "/stats/tea/data");
}
