use ereo_runtime::prelude::*;

#[sse("/rooms//feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: //feed => /feed
