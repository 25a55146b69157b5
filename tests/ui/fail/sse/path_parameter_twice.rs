use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/rooms/{room}/{room}")]
async fn feed(room: String) -> impl Stream<Item = String> {
    stream::iter([room])
}

fn main() {}

// mend: {room}/{room} => {room}/{seat}
// mend: feed(room: String => feed(room: String, seat: String
// mend: [room] => [room, seat]
