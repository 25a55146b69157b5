//! Attributes before and after, `cfg`s, every visibility.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use futures_util::stream;

/// The first comment.
#[doc(alias = "news")]
#[sse("/feed")]
/// The second one.
#[cfg_attr(all(), inline)]
#[must_use]
pub(crate) async fn feed() -> impl Stream<Item = String> {
    stream::empty()
}

#[sse("/absent")]
#[cfg(any())]
async fn absent(nothing: OfThis) -> Exists {}

#[sse("/absent/too")]
#[cfg_attr(all(), cfg(any()))]
async fn absent_too(nothing: OfThis) -> Exists {}

mod inner {
    use super::*;

    #[sse("/inner")]
    pub(super) async fn inner() -> impl Stream<Item = String> {
        stream::empty()
    }
}

fn main() {
    drop(feed());
    drop(inner::inner());
    assert_eq!(inner::inner::ROUTE, "/inner");
}
