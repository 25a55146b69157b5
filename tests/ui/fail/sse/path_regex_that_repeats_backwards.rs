use ereo_runtime::prelude::*;

#[sse("/rooms/{id:a{3,1}}")]
async fn feed(id: String, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: {id:a{3,1}} => {id}
