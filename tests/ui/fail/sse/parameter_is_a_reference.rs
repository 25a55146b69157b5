use ereo_runtime::prelude::*;

#[sse("/rooms/{room}")]
async fn feed(room: &str, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    let _ = room;
    set.subscribe(last)
}

fn main() {}
