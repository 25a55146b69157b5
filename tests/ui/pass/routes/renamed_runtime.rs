//! The runtime may go by another name and stand anywhere.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

mod vendor {
    pub(crate) use ereo_runtime as realtime;
}

use vendor::realtime::prelude::*;

/// What both send.
#[derive(Clone, Serialize, Message)]
#[message(crate = crate::vendor::realtime)]
pub enum Feed {
    /// The one thing that happens.
    Opened(String),
}

/// Live.
#[sse("/{shop}/feed", crate = crate::vendor::realtime)]
pub async fn feed(
    shop: String,
    set: Data<ClientSet<Feed>>,
    last: LastEventId,
) -> Subscription<Feed> {
    drop(shop);
    set.subscribe(last)
}

/// Loaded.
#[loader("/{shop}/data", live = feed, crate = crate::vendor::realtime)]
pub async fn data(shop: String) -> Feed {
    Feed::Opened(shop)
}

fn main() {
    assert_eq!(feed::path("tea"), "/tea/feed");
    assert_eq!(data::path("tea"), "/tea/data");
}
