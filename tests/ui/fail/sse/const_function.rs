use ereo_runtime::prelude::*;

#[sse("/feed")]
const fn feed() -> Option<Subscription<String>> {
    None
}

fn main() {}
