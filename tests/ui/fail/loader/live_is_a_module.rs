use ereo_runtime::prelude::*;

mod feeds {}

#[loader("/stats", live = feeds)]
async fn stats() -> String {
    String::new()
}

fn main() {}
