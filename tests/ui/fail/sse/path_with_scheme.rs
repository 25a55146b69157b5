use ereo_runtime::prelude::*;

#[sse("https://app.example/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: "https://app.example/feed" => "/feed"
