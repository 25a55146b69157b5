use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> Vec<String> {
    Vec::new()
}

fn main() {}
