use ereo_runtime::prelude::*;

#[loader("/stats")]
async fn stats() {}

fn main() {}

// mend: stats() {} => stats() -> u32 {⏎    7⏎}
