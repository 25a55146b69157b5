use ereo_runtime::prelude::*;

#[derive(Message)]
fn stats() {}

fn main() {}
