use ereo_runtime::prelude::*;

#[loader("/stats")]
async fn stats() -> impl Serialize {
    String::new()
}

fn main() {}
