use ereo_runtime::prelude::*;

#[loader("/stats", retry = "2s")]
async fn stats() -> String {
    String::new()
}

fn main() {}
