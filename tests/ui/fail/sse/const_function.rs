use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed")]
const fn feed() -> stream::Empty<String> {
    stream::empty()
}

fn main() {}
