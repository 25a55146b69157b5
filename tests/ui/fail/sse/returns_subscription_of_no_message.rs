use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> Subscription<Vec<u8>> {
    loop {}
}

fn main() {}
