use ereo_runtime::prelude::*;

#[sse("/feed", on_lag = "skip-to-oldst")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: "skip-to-oldst" => "skip-to-oldest"
