use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
struct Stats {
    #[message(skip)]
    active: u64,
}

fn main() {}
