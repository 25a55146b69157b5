use ereo_runtime::prelude::*;

#[sse("/feed", on_lag = "keep-latest")]
async fn feed() -> u32 {
    1
}

fn main() {}
