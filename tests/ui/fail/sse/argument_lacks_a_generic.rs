use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed(_page: Query, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
