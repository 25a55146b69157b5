use ereo_runtime::prelude::*;

#[sse("/rooms/{room}")]
async fn feed(room: String, room: u32) -> Subscription<String> {
    loop {}
}

fn main() {}
