use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed")]
async fn feed<T>(query: Query<T>) -> impl Stream<Item = String> {
    drop(query);
    stream::empty()
}

fn main() {}

// mend: <T>(query: Query<T>) => (query: Query<std::collections::HashMap<String, String>>)
