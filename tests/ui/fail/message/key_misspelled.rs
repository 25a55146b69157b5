use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
#[message(crat = ereo_runtime)]
struct Stats {
    active: u64,
}

fn main() {}

// mend: crat => crate
