use ereo_runtime::prelude::*;

#[sse("/rooms")]
async fn feed(_room: u32, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
