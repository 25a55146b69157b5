use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed", hartbeat = "15s")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: hartbeat => heartbeat
