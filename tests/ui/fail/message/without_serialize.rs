use ereo_runtime::prelude::*;

#[derive(Message)]
struct Stats {
    active: u64,
}

fn main() {}
