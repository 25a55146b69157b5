//! What a stream that is asked for by POST may take of its body: one argument, of each type that reads it.

use actix_web::web;
use ereo_runtime::prelude::*;

#[sse("/json", method = "POST")]
async fn json(body: web::Json<u8>, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.room(body.into_inner()).subscribe(last)
}

#[sse("/form", method = "POST")]
async fn form(body: Option<web::Form<u8>>, set: Data<ClientSet<String>>) -> Subscription<String> {
    drop(body);
    set.subscribe(LastEventId::none())
}

/// A text beside a parameter.
#[sse("/text/{room}", method = "POST")]
async fn text(room: String, body: String, set: Data<ClientSet<String>>) -> Subscription<String> {
    set.room(room + &body).subscribe(LastEventId::none())
}

#[sse("/bytes", method = "POST")]
async fn bytes(body: actix_web::Result<web::Bytes>) -> impl Stream<Item = String> {
    futures_util::stream::iter(body.map(|body| body.len().to_string()))
}

/// None at all, which a loader may go on over.
#[sse("/none", method = "POST")]
async fn none(page: Query<u8>, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.room(page.into_inner()).subscribe(last)
}

#[loader("/none/first", live = none)]
async fn first() -> String {
    String::new()
}

fn main() {}
