use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
#[message]
struct Stats {
    active: u64,
}

fn main() {}

// mend: #[message]⏎ => 
