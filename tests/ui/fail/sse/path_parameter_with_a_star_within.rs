use ereo_runtime::prelude::*;

#[sse("/files/{*rest}")]
async fn feed(rest: String, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    let _ = rest;
    set.subscribe(last)
}

fn main() {}
