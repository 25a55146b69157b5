use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed/{name}")]
async fn feed(name: String, ...) -> impl Stream<Item = String> {
    stream::iter([name])
}

fn main() {}

// mend: , ... => , last: LastEventId
