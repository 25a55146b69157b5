use ereo_runtime::prelude::*;

#[sse("/feed")]
#[actix_web::get("/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: #[actix_web::get("/feed")]⏎ => 
