use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> impl Stream<Item = String> {
    set.subscribe(last)
}

fn main() {}

// mend: impl Stream<Item = String> => Subscription<String>
