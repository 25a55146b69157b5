use ereo_runtime::prelude::*;

struct Feed;

#[loader("/stats", live = Feed)]
async fn stats() -> String {
    String::new()
}

fn main() {}
