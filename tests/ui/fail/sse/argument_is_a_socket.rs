use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed(_socket: Socket<String, String>, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
