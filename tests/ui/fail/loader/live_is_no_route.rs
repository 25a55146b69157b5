use ereo_runtime::prelude::*;

async fn stats_stream() -> Subscription<String> {
    loop {}
}

#[loader("/stats", live = stats_stream)]
async fn stats() -> String {
    String::new()
}

fn main() {}
