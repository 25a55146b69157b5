use ereo_runtime::prelude::*;

#[sse("/feed", methods = "POST")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
