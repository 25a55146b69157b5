use ereo_runtime::prelude::*;

#[loader("/rooms")]
async fn rooms(body: actix_web::web::BytesMut) -> usize {
    body.len()
}

fn main() {}
