use actix_web::web::Path;
use ereo_runtime::prelude::*;

#[sse("/rooms/{room}")]
async fn feed(room: Path<String>, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    let _ = room;
    set.subscribe(last)
}

fn main() {}
