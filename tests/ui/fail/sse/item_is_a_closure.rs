use ereo_runtime::prelude::*;

#[sse("/feed")]
static FEED: fn() = || {};

fn main() {}
