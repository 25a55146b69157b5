use ereo_runtime::prelude::*;
use futures_util::stream::{self, Stream};

#[sse("/feed")]
async fn feed(host: std::borrow::Cow<'_, str>) -> impl Stream<Item = String> {
    stream::iter([host.into_owned()])
}

fn main() {}
