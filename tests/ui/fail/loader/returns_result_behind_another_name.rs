use ereo_runtime::prelude::*;

type Answer<T> = Result<T, actix_web::Error>;

#[loader("/stats")]
async fn stats() -> Answer<String> {
    Ok(String::new())
}

fn main() {}
