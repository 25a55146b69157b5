use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> actix_web::Result<Box<dyn Stream<Item = String>>> {
    Ok(Box::new(futures_util::stream::empty()))
}

fn main() {}

// mend: Box<dyn Stream<Item = String>> => std::pin::Pin<Box<dyn Stream<Item = String>>>
// mend: Box::new( => Box::pin(
