use ereo_runtime::prelude::*;

#[sse("/feed", group = b"v2")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: b"v2" => "v2"
