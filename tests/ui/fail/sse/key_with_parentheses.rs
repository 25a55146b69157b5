use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed", retry("2s"))]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: retry("2s") => retry = "2s"
