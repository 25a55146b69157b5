use ereo_runtime::prelude::*;

#[loader("/stats", cache = 60)]
async fn stats() -> String {
    String::new()
}

fn main() {}

// mend: 60 => "60s"
