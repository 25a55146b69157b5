use ereo_runtime::prelude::*;

const FEED: &str = "/feed";

#[loader("/stats", live = FEED)]
async fn stats() -> String {
    String::new()
}

fn main() {}
