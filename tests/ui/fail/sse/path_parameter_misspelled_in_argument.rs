use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/rooms/{room}/feed")]
async fn feed(rom: String) -> impl Stream<Item = String> {
    stream::iter([rom])
}

fn main() {}

// mend: rom:  => room: 
// mend: rom] => room]
