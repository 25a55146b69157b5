use ereo_runtime::prelude::*;
use futures_util::stream;

struct Plain;

#[sse("/feed")]
async fn feed() -> impl Stream<Item = Plain> {
    stream::empty()
}

fn main() {}
