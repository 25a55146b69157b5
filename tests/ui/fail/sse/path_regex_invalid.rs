use ereo_runtime::prelude::*;

#[sse("/rooms/{room:[0-9}")]
async fn feed(room: String, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    let _ = room;
    set.subscribe(last)
}

fn main() {}
