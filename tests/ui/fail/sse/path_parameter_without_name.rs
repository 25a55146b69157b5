use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/rooms/{}/feed")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: {} => {name}
// mend: feed() => feed(name: String)
