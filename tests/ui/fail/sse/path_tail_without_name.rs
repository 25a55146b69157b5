use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/rooms/*")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: /* => /{rest}*
// mend: feed() => feed(rest: String)
