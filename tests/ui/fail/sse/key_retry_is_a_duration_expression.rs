use ereo_runtime::prelude::*;

#[sse("/feed", retry = Duration::from_secs(2))]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: Duration::from_secs(2) => "2s"
