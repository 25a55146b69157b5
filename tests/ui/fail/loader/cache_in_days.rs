use ereo_runtime::prelude::*;

#[loader("/stats", cache = "1d")]
async fn stats() -> String {
    String::new()
}

fn main() {}

// mend: "1d" => "24h"
