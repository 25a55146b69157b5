use ereo_runtime::prelude::*;
use futures_util::stream;

struct Feeds;

impl Feeds {
    #[sse("/feed")]
    async fn feed(&self) -> impl Stream<Item = String> {
        stream::empty()
    }
}

fn main() {}
