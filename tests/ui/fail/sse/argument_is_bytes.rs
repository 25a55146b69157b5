use ereo_runtime::prelude::*;

#[sse("/rooms")]
async fn feed(message: actix_web::web::Bytes, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
