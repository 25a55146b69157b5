use ereo_runtime::prelude::*;

#[sse("/feed", onLag = "disconnect")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: onLag => on_lag
