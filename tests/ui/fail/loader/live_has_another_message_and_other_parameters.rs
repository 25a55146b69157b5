use ereo_runtime::prelude::*;

#[sse("/feed/{room}")]
async fn feed(_room: u8, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[loader("/stats/{id}", live = feed)]
async fn stats(id: u8) -> u8 {
    id
}

fn main() {}
