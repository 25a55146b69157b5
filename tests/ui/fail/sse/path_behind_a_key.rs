use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse(retry = "2s", "/feed")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}
