use ereo_runtime::prelude::*;

#[loader("/notes/first", changes)]
async fn first() -> Vec<String> {
    Vec::new()
}

fn main() {}
