use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> impl Iterator<Item = String> {
    std::iter::empty()
}

fn main() {}
