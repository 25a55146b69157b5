use ereo_runtime::prelude::*;

#[sse("/feed", heartbeat = "15S")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: "15S" => "15s"
