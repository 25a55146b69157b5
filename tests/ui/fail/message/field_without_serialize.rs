use ereo_runtime::prelude::*;

struct Rate;

#[derive(Serialize, Message)]
struct Stats {
    rate: Rate,
}

fn main() {}
