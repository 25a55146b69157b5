use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed?since=0")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: ?since=0 => 
// mend: feed() => feed(query: Query<std::collections::HashMap<String, String>>)
