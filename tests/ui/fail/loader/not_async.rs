use ereo_runtime::prelude::*;

#[loader("/stats")]
fn stats() -> String {
    String::new()
}

fn main() {}
