use ereo_runtime::prelude::*;

#[sse("/feed", on_lag = "wait")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: "wait" => "disconnect"
