use ereo_runtime::prelude::*;

#[sse("/rooms/{room}")]
async fn feed(room: String) -> Subscription<u32> {
    drop(room);
    loop {}
}

fn main() {
    feed::path();
}
