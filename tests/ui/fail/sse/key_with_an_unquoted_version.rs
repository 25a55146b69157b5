use ereo_runtime::prelude::*;

#[sse("/feed", group = v1.2)]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: v1.2 => "v1.2"
