use ereo_runtime::prelude::*;
use futures_util::stream::{self, Stream};

struct Words(Vec<String>);

#[sse("/feed")]
async fn feed(words: Data<Words>) -> impl Stream<Item = String> {
    stream::iter(words.0.iter().cloned())
}

fn main() {}
