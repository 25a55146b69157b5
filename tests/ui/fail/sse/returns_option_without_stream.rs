use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> Option<u8> {
    None
}

fn main() {}
