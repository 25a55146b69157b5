use ereo_runtime::prelude::*;

#[sse("/feed")]
struct Feed;

fn main() {}
