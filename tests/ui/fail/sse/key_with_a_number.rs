use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed", retry = 2)]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: 2 => "2s"
