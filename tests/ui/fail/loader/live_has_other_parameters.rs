use ereo_runtime::prelude::*;

#[sse("/stats/stream")]
async fn stats_stream() -> Subscription<u32> {
    loop {}
}

#[loader("/stats/{id}", live = stats_stream)]
async fn stats(id: u32) -> u32 {
    id
}

fn main() {}
