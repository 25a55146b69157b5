use actix_web::web;
use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed(
    filter: Option<web::Json<String>>,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Subscription<String> {
    drop(filter);
    set.subscribe(last)
}

fn main() {}

// mend: #[sse("/feed")] => #[sse("/feed", method = "POST")]
