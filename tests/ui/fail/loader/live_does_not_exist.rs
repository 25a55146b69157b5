use ereo_runtime::prelude::*;

#[sse("/stats/stream")]
async fn stats_stream() -> Subscription<String> {
    loop {}
}

#[loader("/stats", live = stats_stram)]
async fn stats() -> String {
    String::new()
}

fn main() {}
