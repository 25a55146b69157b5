//! Routes that differ in group, regex or slash are different.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

macro_rules! feed {
    ($name:ident, $path:literal $(, $group:literal)?) => {
        /// One of them.
        #[sse($path $(, group = $group)?)]
        pub async fn $name() -> Subscription<String> {
            unreachable!()
        }
    };
}

feed!(a, "/feed");
feed!(b, "/feed/");
feed!(c, "/feed", "v1");
feed!(d, "/feed", "v2");
feed!(e, "/_2f_feed");

/// By its shape.
#[sse("/{x}")]
pub async fn segment(x: String) -> Subscription<String> {
    unreachable!("{x}")
}

/// By its shape.
#[sse("/{x:[0-9]+}")]
pub async fn digits(x: u32) -> Subscription<String> {
    unreachable!("{x}")
}

fn main() {
    let mut handlers: Vec<_> =
        ereo_runtime::routes().expect("no clash").iter().map(|route| route.handler).collect();
    handlers.sort_unstable();
    handlers.dedup();
    assert_eq!(handlers.len(), 7, "{handlers:?}");
}
