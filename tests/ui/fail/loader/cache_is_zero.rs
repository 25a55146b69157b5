use ereo_runtime::prelude::*;

#[loader("/stats", cache = "0s")]
async fn stats() -> String {
    String::new()
}

fn main() {}

// mend: "0s" => "60s"
