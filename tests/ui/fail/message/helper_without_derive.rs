use ereo_runtime::prelude::*;

#[message(crate = ereo_runtime)]
struct Line {
    text: String,
}

fn main() {}
