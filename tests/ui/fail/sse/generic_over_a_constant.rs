use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed")]
async fn feed<const N: usize>() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: <const N: usize> => 
