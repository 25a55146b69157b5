use ereo_runtime::prelude::*;

#[loader("/stats")]
fn stats() -> String {
    String::new()
}

fn main() {}

// mend: fn stats => async fn stats
