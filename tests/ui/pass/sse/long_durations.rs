//! Every unit of a duration.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/short", retry = "500ms", heartbeat = "1s")]
async fn short() -> impl Stream<Item = String> {
    stream::empty()
}

#[sse("/long", retry = "2m", heartbeat = "1h",)]
async fn long() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {
    assert_eq!((short::ROUTE, long::ROUTE), ("/short", "/long"));
}
