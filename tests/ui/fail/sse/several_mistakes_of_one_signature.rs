use ereo_runtime::prelude::*;

#[sse("/{room}/{room}", retry = 2, group = "")]
unsafe fn feed<T>(&self, rom: String, any: impl Sized) {}

fn main() {}
