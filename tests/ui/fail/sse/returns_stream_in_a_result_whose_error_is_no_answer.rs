use ereo_runtime::prelude::*;

struct Denied;

#[sse("/feed")]
async fn feed() -> Result<impl Stream<Item = String>, Denied> {
    Ok(futures_util::stream::empty())
}

fn main() {}
