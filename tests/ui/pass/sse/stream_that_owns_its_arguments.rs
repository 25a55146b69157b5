//! A stream goes on with what its function was given.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use futures_util::stream::unfold;

#[sse("/count/{from}")]
async fn count(from: u32, step: Option<Query<u32>>) -> impl Stream<Item = String> {
    let step = step.map_or(1, |step| step.into_inner());
    unfold(from, move |n| async move { Some((n.to_string(), n + step)) })
}

fn main() {
    assert_eq!(count::path(7), "/count/7");
}
