//! Keywords are names of parameters, arguments and functions.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use futures_util::stream;

/// A keyword as function, parameter and argument.
#[sse("/{type}/{match}")]
pub async fn r#loop(r#type: String, r#match: u32) -> impl Stream<Item = String> {
    stream::iter([r#type, r#match.to_string()])
}

fn main() {
    assert_eq!(r#loop::path("a", 1), "/a/1");
    assert_eq!(r#loop::ROUTE, "/{type}/{match}");
}
