use ereo_runtime::prelude::*;

#[sse("/feed")]
const FEED: u32 = 1;

fn main() {}
