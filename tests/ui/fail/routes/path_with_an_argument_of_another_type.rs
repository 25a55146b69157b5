use ereo_runtime::prelude::*;

#[sse("/rooms/{room}")]
async fn feed(room: u32) -> Subscription<String> {
    let _ = room;
    loop {}
}

fn main() {
    feed::path("lobby");
}
