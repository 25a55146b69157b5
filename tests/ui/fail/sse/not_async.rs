use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed")]
fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: fn feed => async fn feed
