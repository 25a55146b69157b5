use ereo_runtime::prelude::*;

#[sse("/rooms/{id:^[0-9]+$}")]
async fn feed(id: u32, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: ^[0-9]+$ => [0-9]+
