use ereo_runtime::prelude::*;

#[sse("rooms/{room}/{}", retry = "0s", hartbeat = "15s", retry = "2s")]
unsafe fn feed<T>(rom: String, query: impl Sized) {}

fn main() {}
