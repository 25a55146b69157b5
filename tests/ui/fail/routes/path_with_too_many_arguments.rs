use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> Subscription<u32> {
    loop {}
}

fn main() {
    feed::path("lobby");
}
