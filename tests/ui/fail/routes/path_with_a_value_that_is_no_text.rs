use ereo_runtime::prelude::*;

struct Room;

#[sse("/rooms/{room}")]
async fn feed(room: String) -> Subscription<String> {
    drop(room);
    loop {}
}

fn main() {
    feed::path(Room);
}
