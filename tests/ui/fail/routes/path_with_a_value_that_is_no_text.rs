use ereo_runtime::prelude::*;

struct Room;

#[sse("/rooms/{room}")]
async fn feed(room: String) -> Subscription<u32> {
    drop(room);
    loop {}
}

fn main() {
    feed::path(Room);
}
