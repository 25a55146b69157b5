use actix_web::web::Path;
use ereo_runtime::prelude::*;

#[sse("/rooms/{room}")]
async fn feed(_path: Path<String>, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: fn feed( => fn feed(room: String, 
