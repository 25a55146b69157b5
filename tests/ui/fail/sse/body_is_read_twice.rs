use actix_web::web;
use ereo_runtime::prelude::*;

#[sse("/ask", method = "POST")]
async fn ask(
    question: web::Json<String>,
    body: web::Bytes,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Subscription<String> {
    drop((question, body));
    set.subscribe(last)
}

fn main() {}

// mend:     body: web::Bytes,⏎ =>
// mend: (question, body) => question
