use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {
    let _ = App::new().service(feed);
}
