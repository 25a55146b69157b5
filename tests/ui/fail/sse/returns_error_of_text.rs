use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Result<Subscription<String>, String> {
    Ok(set.subscribe(last))
}

fn main() {}
