use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
#[derive(Message)]
struct Stats;

fn main() {}
