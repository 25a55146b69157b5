use ereo_runtime::prelude::*;

#[sse("/feed")]
fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> impl Future<Output = Subscription<String>> {
    async move { set.subscribe(last) }
}

fn main() {}
