use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed", heartbeat = "0s")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: "0s" => "15s"
