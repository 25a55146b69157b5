use ereo_runtime::prelude::*;

#[sse("/feed", retry = 1.5)]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: 1.5 => "2s"
