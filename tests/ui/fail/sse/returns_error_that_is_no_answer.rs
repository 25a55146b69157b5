use ereo_runtime::prelude::*;
use futures_util::stream;

struct Denied;

#[sse("/feed")]
async fn feed() -> Result<stream::Empty<String>, Denied> {
    Ok(stream::empty())
}

fn main() {}
