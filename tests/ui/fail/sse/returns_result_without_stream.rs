use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> Result<u32, actix_web::Error> {
    Ok(7)
}

fn main() {}
