use ereo_runtime::prelude::*;

#[sse("/feed", heartbeat = "15 s")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: "15 s" => "15s"
