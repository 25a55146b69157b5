use ereo_runtime::prelude::*;

#[loader("/rooms")]
async fn rooms(body: actix_web::web::Bytes) -> usize {
    body.len()
}

fn main() {}
