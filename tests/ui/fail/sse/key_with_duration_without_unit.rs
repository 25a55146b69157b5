use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed", heartbeat = "15")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: "15" => "15s"
