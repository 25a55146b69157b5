use ereo_runtime::prelude::*;

#[sse("/a/../b")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: /a/../b => /b
