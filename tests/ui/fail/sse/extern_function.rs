use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed")]
async extern "C" fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}
