//! `_room` takes `{room}`: what rustc suggests for an argument that is not used.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

/// The room makes no difference.
#[sse("/rooms/{room}")]
pub async fn feed(
    _room: String,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {
    assert_eq!(feed::path("lobby"), "/rooms/lobby");
}
