use ereo_runtime::prelude::*;

#[sse("/feed", group = v2)]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: v2 => "v2"
