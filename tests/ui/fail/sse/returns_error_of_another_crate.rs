use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> Result<Subscription<String>, std::num::ParseIntError> {
    loop {}
}

fn main() {}
