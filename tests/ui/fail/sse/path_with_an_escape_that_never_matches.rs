use ereo_runtime::prelude::*;

#[sse("/my%20feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: %20 => -
