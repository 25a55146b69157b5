use ereo_runtime::prelude::*;

#[loader("/stats")]
async fn stats() -> Result<impl Serialize, actix_web::Error> {
    Ok(7)
}

fn main() {}
