use ereo_runtime::prelude::*;

#[sse("/rooms/{room?}")]
async fn feed(_room: String, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: {room?} => {room}
