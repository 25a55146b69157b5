use ereo_runtime::prelude::*;

#[loader("/stats", live = stats)]
async fn stats() -> String {
    String::new()
}

fn main() {}
