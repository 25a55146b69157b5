use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> Subscription<String> {
    loop {}
}

fn main() {
    feed::path("lobby");
}
