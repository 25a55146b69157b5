use ereo_runtime::prelude::*;

#[sse("/feed")]
struct Feed;

fn main() {}

// mend: struct Feed; => async fn feed(set: Data<ClientSet<String>>) -> Subscription<String> {⏎    set.subscribe(LastEventId::default())⏎}
