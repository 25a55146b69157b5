use ereo_runtime::prelude::*;

#[sse("/rooms/{room}")]
async fn feed(room: String) -> Subscription<String> {
    drop(room);
    loop {}
}

fn main() {
    feed::path();
}
