use ereo_runtime::prelude::*;

#[sse("/rooms/{room}")]
async fn feed(room: (u32, u32), set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: (u32, u32) => String
