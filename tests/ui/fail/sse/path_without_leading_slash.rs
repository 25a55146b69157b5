use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("feed")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: "feed" => "/feed"
