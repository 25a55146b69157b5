use ereo_runtime::prelude::*;

#[loader("/stats", chache = "60s")]
async fn stats() -> u32 {
    7
}

fn main() {}
