use actix_web::web;
use ereo_runtime::prelude::*;

#[sse("/answers", method = "POST")]
async fn answers(
    question: web::Json<String>,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Subscription<String> {
    set.room(question.into_inner()).subscribe(last)
}

#[loader("/answers/first", live = answers)]
async fn first() -> String {
    String::new()
}

fn main() {}

// mend: web::Json<String> => Query<String>
