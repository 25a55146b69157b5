//! The position and a subscription, plain, fallible and optional.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

#[derive(Clone, Serialize, Message)]
struct Stats {
    active: u64,
}

#[sse("/plain")]
async fn plain(set: Data<ClientSet<Stats>>, last: LastEventId) -> Subscription<Stats> {
    set.subscribe(last)
}

#[sse("/fallible")]
async fn fallible(
    set: Data<ClientSet<Stats>>,
    last: LastEventId,
) -> Result<Subscription<Stats>, actix_web::Error> {
    Ok(set.subscribe(last))
}

#[sse("/optional")]
async fn optional(
    set: Data<ClientSet<Stats>>,
    last: LastEventId,
) -> Result<Option<Subscription<Stats>>, actix_web::Error> {
    Ok((!set.is_empty()).then(|| set.subscribe(last)))
}

fn main() {
    let _ = Stats { active: 1 }.active;
    assert_eq!((plain::ROUTE, fallible::ROUTE, optional::ROUTE), ("/plain", "/fallible", "/optional"));
}
