//! Lints that the user allows, expects or asks for.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use futures_util::stream;

#[allow(clippy::unused_async)]
#[sse("/allowed")]
async fn allowed() -> impl Stream<Item = String> {
    stream::empty()
}

#[sse("/named")]
#[allow(non_snake_case)]
async fn camelCase() -> impl Stream<Item = String> {
    stream::empty()
}

#[sse("/expected")]
#[expect(unused_variables)]
async fn expected(unused: Query<u8>) -> impl Stream<Item = String> {
    stream::empty()
}

fn main() {
    assert_eq!((allowed::ROUTE, camelCase::ROUTE, expected::ROUTE), ("/allowed", "/named", "/expected"));
}
