use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/names")]
async fn names(names: Data<Vec<String>>) -> impl Stream<Item = String> {
    stream::iter(names.iter().cloned())
}

fn main() {}
