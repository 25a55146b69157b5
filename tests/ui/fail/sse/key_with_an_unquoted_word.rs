use ereo_runtime::prelude::*;

#[sse("/feed", on_lag = keep-latest, retry = "2s")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: keep-latest => "keep-latest"
