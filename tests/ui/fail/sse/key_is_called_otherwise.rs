use ereo_runtime::prelude::*;

#[sse("/feed", keep_alive = "15s")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: keep_alive => heartbeat
