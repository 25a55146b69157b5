use ereo_runtime::prelude::*;

async fn stats_stream() -> Subscription<u32> {
    loop {}
}

#[loader("/stats", live = stats_stream)]
async fn stats() -> u32 {
    7
}

fn main() {}
