use ereo_runtime::prelude::*;

#[sse("/stats/stream")]
async fn stats_stream() -> Subscription<u32> {
    loop {}
}

#[loader("/stats", live = stats_stram)]
async fn stats() -> u32 {
    7
}

fn main() {}
