use ereo_runtime::prelude::*;

#[sse("/stats-stream")]
async fn stats_stream(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[loader("/stats", live = stats_stream)]
async fn stats() -> Option<String> {
    None
}

fn main() {}
