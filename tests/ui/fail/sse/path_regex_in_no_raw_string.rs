use ereo_runtime::prelude::*;

#[sse("/feed/{id:\d+}", rety = "2s")]
async fn feed(_id: u32, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
