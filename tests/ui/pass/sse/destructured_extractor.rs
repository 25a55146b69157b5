//! Extractors taken apart in the signature.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use futures_util::stream;

#[derive(Deserialize)]
struct Page {
    page: u32,
}

#[sse("/rooms/{room}")]
async fn feed(
    Query(Page { page }): Query<Page>,
    room: String,
) -> impl Stream<Item = String> {
    stream::iter([format!("{room} {page}")])
}

fn main() {
    assert_eq!(feed::path("a"), "/rooms/a");
}
