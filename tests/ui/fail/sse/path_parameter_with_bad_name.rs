use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/rooms/{room-id}/feed")]
async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {}

// mend: {room-id} => {room_id}
// mend: feed() => feed(room_id: String)
