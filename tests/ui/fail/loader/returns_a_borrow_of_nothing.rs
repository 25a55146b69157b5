use ereo_runtime::prelude::*;

#[loader("/stats")]
async fn stats() -> &str {
    ""
}

fn main() {}
