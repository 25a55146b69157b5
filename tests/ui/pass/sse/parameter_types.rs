//! Everything that a segment can be.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use futures_util::stream;

#[derive(Deserialize)]
struct RoomId(String);

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    News,
    Chat,
}

#[sse("/{room}/{kind}/{small}/{large}/{real}/{flag}/{letter}")]
async fn feed(
    room: RoomId,
    kind: Kind,
    small: u8,
    large: i128,
    real: f64,
    flag: bool,
    letter: char,
) -> impl Stream<Item = String> {
    let kind = match kind {
        Kind::News => "news",
        Kind::Chat => "chat",
    };
    stream::iter([format!("{} {kind} {small} {large} {real} {flag} {letter}", room.0)])
}

fn main() {
    let path = feed::path("lobby", "news", 1, -2, 0.5, true, 'x');
    assert_eq!(path, "/lobby/news/1/-2/0.5/true/x");
}
