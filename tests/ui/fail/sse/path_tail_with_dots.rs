use ereo_runtime::prelude::*;

#[sse("/files/{rest..}")]
async fn feed(_rest: String, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
