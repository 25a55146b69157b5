use ereo_runtime::prelude::*;

#[loader("/stats", cache = "500ms")]
async fn stats() -> String {
    String::new()
}

fn main() {}

// mend: "500ms" => "1s"
