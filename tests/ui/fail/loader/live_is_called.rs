use ereo_runtime::prelude::*;

#[loader("/stats", live = stats_stream())]
async fn stats() -> String {
    String::new()
}

#[sse("/stats-stream")]
async fn stats_stream(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: stats_stream() => stats_stream
