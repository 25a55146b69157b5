use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> Subscripton<String> {
    loop {}
}

fn main() {}
