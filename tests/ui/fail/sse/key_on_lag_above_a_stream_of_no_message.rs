use ereo_runtime::prelude::*;

struct Plain;

#[sse("/feed", on_lag = "keep-latest")]
async fn feed() -> impl Stream<Item = Plain> {
    futures_util::stream::empty()
}

fn main() {}
