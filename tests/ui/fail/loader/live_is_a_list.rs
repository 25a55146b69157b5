use ereo_runtime::prelude::*;

#[loader("/stats", live = [feed, news])]
async fn stats() -> String {
    String::new()
}

fn main() {}
