use ereo_runtime::prelude::*;
use futures_util::stream;

type Feed = Result<stream::Empty<String>, actix_web::Error>;

#[sse("/feed", on_lag = "disconnect")]
async fn feed() -> Feed {
    Ok(stream::empty())
}

fn main() {}
