use ereo_runtime::prelude::*;

struct Plain;

#[sse("/feed")]
async fn feed() -> std::pin::Pin<Box<dyn Stream<Item = Plain>>> {
    Box::pin(futures_util::stream::empty())
}

fn main() {}
