use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse(42)]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}
