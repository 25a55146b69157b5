use ereo_runtime::prelude::*;

#[loader("/stats")]
async fn stats(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
