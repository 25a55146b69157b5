use ereo_runtime::prelude::*;

struct Feeds;

impl Feeds {
    #[sse("/feed")]
    async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
        set.subscribe(last)
    }
}

fn main() {}
