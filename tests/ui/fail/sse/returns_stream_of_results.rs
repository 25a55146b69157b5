use ereo_runtime::prelude::*;
use futures_util::stream::{self, Stream};

#[sse("/feed")]
async fn feed() -> impl Stream<Item = Result<String, std::io::Error>> {
    stream::empty()
}

fn main() {}
