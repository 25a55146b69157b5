use ereo_runtime::prelude::*;

#[sse("/same")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[websocket("/same")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}
