use ereo_runtime::prelude::*;

#[loader("/stats", cache = "off")]
async fn stats() -> String {
    String::new()
}

fn main() {}

// mend: "off" => "60s"
