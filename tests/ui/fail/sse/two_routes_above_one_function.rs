use ereo_runtime::prelude::*;

#[sse("/a")]
#[sse("/b")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
