use ereo_runtime::prelude::*;

type Client = Connection<String>;

#[sse("/feed")]
async fn feed(_client: Client, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
