use ereo_runtime::prelude::*;

#[loader("/stats")]
async fn stats() -> impl Serialize {
    7
}

fn main() {}
