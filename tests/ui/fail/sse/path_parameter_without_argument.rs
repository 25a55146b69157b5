use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/rooms/{room}/feed")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: fn feed() => fn feed(room: String)
