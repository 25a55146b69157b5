use actix_web::HttpRequest;
use ereo_runtime::prelude::*;
use futures_util::stream;

#[sse("/feed")]
async fn feed(request: &HttpRequest) -> impl Stream<Item = String> {
    let _ = request;
    stream::empty()
}

fn main() {}
