use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed", timeout = "2s")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: timeout = => retry =
