use ereo_runtime::prelude::*;

#[sse("/stats/stream")]
async fn stats_stream() -> Subscription<String> {
    loop {}
}

#[loader("/stats/{id}", live = stats_stream)]
async fn stats(id: u32) -> String {
    id.to_string()
}

fn main() {}
