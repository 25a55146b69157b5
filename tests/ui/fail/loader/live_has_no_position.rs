use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/ticks")]
async fn ticks() -> impl Stream<Item = String> {
    stream::empty()
}

#[loader("/stats", live = ticks)]
async fn stats() -> String {
    String::new()
}

fn main() {}
