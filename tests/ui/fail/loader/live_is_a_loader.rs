use ereo_runtime::prelude::*;

#[loader("/other")]
async fn other() -> u32 {
    7
}

#[loader("/stats", live = other)]
async fn stats() -> String {
    String::new()
}

fn main() {}
