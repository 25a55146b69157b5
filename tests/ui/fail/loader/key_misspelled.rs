use ereo_runtime::prelude::*;

#[loader("/stats", chache = "60s")]
async fn stats() -> String {
    String::new()
}

fn main() {}

// mend: chache => cache
