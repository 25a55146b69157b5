use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/rooms/{room:[a-z]+}*")]
async fn feed(room: String) -> impl Stream<Item = String> {
    stream::iter([room])
}

fn main() {}

// mend: :[a-z]+}* => }*
