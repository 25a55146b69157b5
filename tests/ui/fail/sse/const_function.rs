use ereo_runtime::prelude::*;

#[sse("/feed")]
const fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: const fn feed => async fn feed
