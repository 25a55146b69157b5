//! What says `'static`, and the lifetimes of function types, borrow nothing of the arguments.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use futures_util::stream::{self, BoxStream, Map, Stream};

/// A stream that says so.
#[sse("/a")]
pub async fn a() -> impl Stream<Item = String> + 'static {
    stream::empty()
}

/// A boxed one.
#[sse("/b")]
pub async fn b() -> BoxStream<'static, &'static str> {
    Box::pin(stream::iter(["one"]))
}

/// A function over what it is lent.
#[sse("/c")]
pub async fn c() -> Map<stream::Empty<String>, fn(String) -> String> {
    futures_util::StreamExt::map(stream::empty(), |text| text)
}

/// A path is matched as text: its letters may be any.
#[sse("/täglich/{name}")]
pub async fn d(name: String) -> Result<Box<dyn Stream<Item = String> + Unpin + 'static>, actix_web::Error> {
    Ok(Box::new(stream::iter([name])))
}

fn main() {}
