use ereo_runtime::prelude::*;

#[loader("/stats")]
async fn stats(_connection: Connection<String>) -> String {
    String::new()
}

fn main() {}
