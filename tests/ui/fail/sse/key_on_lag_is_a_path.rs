use ereo_runtime::prelude::*;

#[sse("/feed", on_lag = OnLag::KeepLatest)]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: OnLag::KeepLatest => "keep-latest"
