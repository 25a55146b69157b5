use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> u32 {
    7
}

fn main() {}
