use ereo_runtime::prelude::*;

#[loader("/stats", retry = "2s")]
async fn stats() -> u32 {
    7
}

fn main() {}
