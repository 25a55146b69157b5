use ereo_runtime::prelude::*;

struct Broken;

#[loader("/stats")]
async fn stats() -> Result<u32, Broken> {
    Ok(7)
}

fn main() {}
