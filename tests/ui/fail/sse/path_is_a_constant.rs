use ereo_runtime::prelude::*;
use futures_util::stream;

const FEED: &str = "/feed";

#[sse(FEED)]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}
