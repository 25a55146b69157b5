use ereo_runtime::prelude::*;

struct Stats;

#[loader("/stats")]
impl Stats {}

fn main() {}
