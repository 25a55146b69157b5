use ereo_runtime::prelude::*;

#[sse("/rooms/{room}/feed", hartbeat = "15s")]
async fn feed(room: String) -> Subscription<String> {
    let _ = room;
    loop {}
}

#[loader("/rooms/{room}/data", live = feed)]
async fn data(room: String) -> String {
    room
}

#[loader("/stats", cach = "60s")]
async fn stats() -> u32 {
    7
}

async fn page(request: actix_web::HttpRequest) -> Result<String, actix_web::Error> {
    let stats = stats::load(&request).await?;
    Ok(format!("{} {} {} {}", feed::ROUTE, feed::path("lobby"), stats.json(), *stats + 1))
}

fn main() {
    drop(page);
}

// mend: hartbeat => heartbeat
// mend: cach = => cache =
