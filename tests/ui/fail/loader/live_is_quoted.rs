use ereo_runtime::prelude::*;

#[sse("/stats/stream")]
async fn stats_stream() -> Subscription<String> {
    loop {}
}

#[loader("/stats", live = "stats_stream")]
async fn stats() -> String {
    String::new()
}

fn main() {}

// mend: "stats_stream" => stats_stream
