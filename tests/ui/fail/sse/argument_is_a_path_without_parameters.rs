use actix_web::web::Path;
use ereo_runtime::prelude::*;

#[sse("/rooms")]
async fn feed(room: Path<String>, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: "/rooms" => "/rooms/{room}"
// mend: Path<String> => String
