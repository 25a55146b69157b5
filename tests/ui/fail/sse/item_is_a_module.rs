use ereo_runtime::prelude::*;

#[sse("/feed")]
mod feeds {}

fn main() {}
