use ereo_runtime::prelude::*;
use futures_util::stream::{self, Stream, StreamExt as _};

use std::sync::Mutex;

#[sse("/feed")]
async fn feed(words: Data<Mutex<Vec<String>>>) -> impl Stream<Item = String> {
    let words = words.lock().unwrap();
    stream::iter(0..words.len()).map(move |at| words[at].clone())
}

fn main() {}
