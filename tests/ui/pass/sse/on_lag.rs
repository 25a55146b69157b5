//! Each word of `on_lag`, alone and with all other keys.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

/// Ends when it lags.
#[sse("/a", on_lag = "disconnect")]
pub async fn a(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

/// Goes on from the oldest.
#[sse("/b", on_lag = "skip-to-oldest")]
pub async fn b(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

/// Goes on from the newest.
#[sse("/c", retry = "2s", heartbeat = "15s", on_lag = "keep-latest")]
pub async fn c(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}
