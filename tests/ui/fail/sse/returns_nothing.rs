use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() {}

fn main() {}

// mend: feed() {} => feed() -> impl Stream<Item = String> {⏎    futures_util::stream::empty()⏎}
