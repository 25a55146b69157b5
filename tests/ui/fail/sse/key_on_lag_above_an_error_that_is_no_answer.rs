use ereo_runtime::prelude::*;

struct Denied;

#[sse("/feed", on_lag = "keep-latest")]
async fn feed() -> Result<Subscription<String>, Denied> {
    Err(Denied)
}

fn main() {}
