use ereo_runtime::prelude::*;

#[sse("/a")]
#[sse("/b")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: #[sse("/b")]⏎ => 
// mend: fn main => #[sse("/b")]⏎async fn feed_too(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {⏎    feed(set, last).await⏎}⏎⏎fn main
