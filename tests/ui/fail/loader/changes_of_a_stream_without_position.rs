use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/ticks")]
async fn ticks() -> impl Stream<Item = String> {
    stream::empty()
}

#[loader("/ticks/first", live = ticks, changes)]
async fn first() -> Vec<String> {
    Vec::new()
}

fn main() {}
