use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed", retry = "soon")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: "soon" => "2s"
