use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/rooms/{room}/feed")]
async fn feed((room, _): (String, String)) -> impl Stream<Item = String> {
    stream::iter([room])
}

fn main() {}

// mend: (room, _): (String, String) => room: String
