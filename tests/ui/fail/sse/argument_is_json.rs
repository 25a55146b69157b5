use actix_web::web::Json;
use ereo_runtime::prelude::*;

#[sse("/rooms")]
async fn feed(message: Json<String>, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
