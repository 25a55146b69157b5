use ereo_runtime::prelude::*;

#[sse("/rooms/{room: u32}")]
async fn feed(room: u32, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    let _ = room;
    set.subscribe(last)
}

fn main() {}

// mend: {room: u32} => {room}
