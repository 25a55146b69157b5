use ereo_runtime::prelude::*;

#[loader("/stats")]
#[sse("/stream")]
async fn stats(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
