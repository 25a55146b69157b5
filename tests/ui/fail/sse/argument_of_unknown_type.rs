use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed")]
async fn feed(page: Pgae) -> impl Stream<Item = String> {
    let _ = page;
    stream::empty()
}

fn main() {}
