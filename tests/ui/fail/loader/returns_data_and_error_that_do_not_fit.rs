use ereo_runtime::prelude::*;

struct Stats;
struct Denied;

#[loader("/stats")]
async fn stats() -> Result<Stats, Denied> {
    Ok(Stats)
}

fn main() {}
