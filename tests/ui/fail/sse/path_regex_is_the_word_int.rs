use ereo_runtime::prelude::*;

#[sse("/rooms/{id:int}")]
async fn feed(id: i64, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: {id:int} => {id}
