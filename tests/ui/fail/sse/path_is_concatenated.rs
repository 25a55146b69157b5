use ereo_runtime::prelude::*;

#[sse(concat!("/feed", "/all"))]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: concat!("/feed", "/all") => "/feed/all"
