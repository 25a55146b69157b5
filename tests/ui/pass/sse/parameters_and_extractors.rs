//! Parameters are taken by name, everything else from the request, in any order.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use futures_util::stream;

/// The name of a room.
#[derive(Deserialize)]
pub struct RoomId(String);

/// Which part of the feed.
#[derive(Deserialize)]
pub struct Page {
    from: u32,
}

/// Everything at once.
#[sse("/rooms/{room}/{day}/feed", retry = "2s", heartbeat = "500ms", group = "v2")]
pub async fn feed(
    mut page: Query<Page>,
    day: u32,
    Query(same): Query<Page>,
    room: RoomId,
    last: LastEventId,
    data: Option<Data<String>>,
) -> impl Stream<Item = String> {
    page.from += same.from + day;
    drop((last, data));
    stream::iter([room.0, page.from.to_string()])
}

fn main() {
    assert_eq!(feed::ROUTE, "/rooms/{room}/{day}/feed");
    assert_eq!(feed::path("a b/c", 7), "/rooms/a%20b%2Fc/7/feed");
}
