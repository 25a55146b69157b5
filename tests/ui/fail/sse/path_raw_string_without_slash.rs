use ereo_runtime::prelude::*;

#[sse(r"feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: r"feed" => "/feed"
