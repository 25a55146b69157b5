use ereo_runtime::prelude::*;

mod feed {}

#[sse("/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: mod feed => mod other
