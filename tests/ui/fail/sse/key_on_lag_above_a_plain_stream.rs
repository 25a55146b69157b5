use ereo_runtime::prelude::*;
use futures_util::stream::{self, Stream};

#[sse("/feed", on_lag = "keep-latest")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}
