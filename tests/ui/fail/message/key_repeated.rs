use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
#[message(crate = ereo_runtime, crate = ereo_runtime)]
struct Stats {
    active: u64,
}

fn main() {}
