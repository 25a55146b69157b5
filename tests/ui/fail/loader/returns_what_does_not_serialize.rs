use ereo_runtime::prelude::*;

struct Stats;

#[loader("/stats")]
async fn stats() -> Stats {
    Stats
}

fn main() {}
