use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() {}

fn main() {}
