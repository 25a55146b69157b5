use ereo_runtime::prelude::*;

struct NoExtractor;
struct NoMessage;

#[sse("feed", rety = "2s")]
async fn feed(_: NoExtractor) -> impl Stream<Item = NoMessage> {
    futures_util::stream::empty()
}

fn main() {}
