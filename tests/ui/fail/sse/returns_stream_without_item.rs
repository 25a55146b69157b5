use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> impl Stream {
    futures_util::stream::empty::<String>()
}

fn main() {}

// mend: impl Stream => impl Stream<Item = String>
