use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed(set: Data<ClientSet<String>>) Subscription<String> {
    set.subscribe(None)
}

fn main() {}
