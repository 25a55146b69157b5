use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed", retry)]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: retry => retry = "2s"
