use ereo_runtime::prelude::*;
use futures_util::stream;

struct RoomId(String);

#[sse("/rooms/{room}")]
async fn feed(room: RoomId) -> impl Stream<Item = String> {
    stream::iter([room.0])
}

fn main() {}

// mend: struct RoomId => #[derive(serde::Deserialize)]⏎struct RoomId
