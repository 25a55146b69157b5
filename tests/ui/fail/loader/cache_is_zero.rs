use ereo_runtime::prelude::*;

#[loader("/stats", cache = "0s")]
async fn stats() -> u32 {
    7
}

fn main() {}
