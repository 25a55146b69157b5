use ereo_runtime::prelude::*;

#[loader("/stats")]
async fn stats() -> actix_web::HttpResponse {
    actix_web::HttpResponse::Ok().finish()
}

fn main() {}
