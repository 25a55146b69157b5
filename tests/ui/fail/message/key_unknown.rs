use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
#[message(name = "stats")]
struct Stats {
    active: u64,
}

fn main() {}

// mend: #[message(name => #[serde(rename
