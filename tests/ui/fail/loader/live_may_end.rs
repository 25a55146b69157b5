use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Option<Subscription<String>> {
    Some(set.subscribe(last))
}

#[loader("/stats", live = feed)]
async fn stats() -> String {
    String::new()
}

fn main() {}
