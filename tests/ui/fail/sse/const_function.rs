use ereo_runtime::prelude::*;

#[sse("/feed")]
const fn feed() -> Option<Subscription<String>> {
    None
}

fn main() {}

// mend: const fn feed => async fn feed
