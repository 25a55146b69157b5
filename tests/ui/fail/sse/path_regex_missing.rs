use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/rooms/{room:}")]
async fn feed(room: String) -> impl Stream<Item = String> {
    stream::iter([room])
}

fn main() {}

// mend: {room:} => {room:[0-9]+}
