use ereo_runtime::prelude::*;

#[sse("/rooms/{room}")]
async fn feed(_room: u32, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {
    feed::path(1.5);
}
