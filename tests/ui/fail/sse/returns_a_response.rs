use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> actix_web::HttpResponse {
    actix_web::HttpResponse::Ok().finish()
}

fn main() {}
