use ereo_runtime::prelude::*;

#[sse("/rooms/{id:(?=a)b}")]
async fn feed(id: String, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: {id:(?=a)b} => {id}
