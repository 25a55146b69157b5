use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed", crate = "ereo_runtime")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: "ereo_runtime" => ereo_runtime
