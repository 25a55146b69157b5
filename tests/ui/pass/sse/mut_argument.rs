//! An argument that is `mut`.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/rooms/{room}")]
async fn feed(mut room: String) -> impl Stream<Item = String> {
    room.push('!');
    stream::iter([room])
}

fn main() {
    assert_eq!(feed::path("a"), "/rooms/a");
}
