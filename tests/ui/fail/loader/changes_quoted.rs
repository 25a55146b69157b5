use ereo_runtime::prelude::*;

#[sse("/items")]
async fn items(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[loader("/items/first", live = items, "changes")]
async fn first() -> Vec<String> {
    Vec::new()
}

fn main() {}

// mend: "changes" => changes
