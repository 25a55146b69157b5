use ereo_runtime::prelude::*;

#[sse("/feed/{at}")]
async fn feed(_at: Vec, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
