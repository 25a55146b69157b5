use ereo_runtime::prelude::*;

#[sse("/feed", heartbeat = false)]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: false => "15s"
