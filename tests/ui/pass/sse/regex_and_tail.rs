//! Regexes and tails, as actix-web has them.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use futures_util::stream;

/// A regex that counts.
#[sse("/years/{year:[0-9]{4}}")]
pub async fn year(year: u16) -> impl Stream<Item = String> {
    stream::iter([year.to_string()])
}

/// A tail.
#[sse("/files/{path}*")]
pub async fn files(path: String) -> impl Stream<Item = String> {
    stream::iter([path])
}

/// A tail as a regex.
#[sse("/tree/{path:.*}")]
pub async fn tree(path: String) -> impl Stream<Item = String> {
    stream::iter([path])
}

fn main() {
    assert_eq!(year::path(2024), "/years/2024");
    assert_eq!(files::path("a/b c"), "/files/a/b%20c");
    assert_eq!(tree::path("a/b"), "/tree/a/b");
}
