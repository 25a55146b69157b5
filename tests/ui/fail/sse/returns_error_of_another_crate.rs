use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> Result<Subscription<String>, std::num::ParseIntError> {
    loop {}
}

fn main() {}

// mend: std::num::ParseIntError> { => actix_web::Error> {⏎    "1".parse::<u8>().map_err(actix_web::error::ErrorInternalServerError)?;
