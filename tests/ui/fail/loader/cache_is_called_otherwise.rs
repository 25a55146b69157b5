use ereo_runtime::prelude::*;

#[loader("/stats", max_age = "60s")]
async fn stats() -> String {
    String::new()
}

fn main() {}

// mend: max_age => cache
