use ereo_runtime::prelude::*;

#[sse("/rooms/{id:a\\bb}")]
async fn feed(id: String, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: {id:a\\bb} => {id}
