use ereo_runtime::prelude::*;

#[sse("/rooms/{id:\\p{Nope}}")]
async fn feed(id: String, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: {id:\\p{Nope}} => {id}
