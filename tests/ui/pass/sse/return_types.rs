//! A stream, a boxed one, a `Subscription`, a `Result` of either or an alias of it.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use std::io;
use std::pin::Pin;

use futures_util::stream;

/// Nothing there.
#[derive(Clone, Serialize, Message)]
pub struct Tick {
    count: u64,
}

/// A refusal of one's own.
#[derive(Debug)]
pub struct Denied;

impl From<Denied> for actix_web::Error {
    fn from(_: Denied) -> Self {
        actix_web::error::ErrorForbidden("denied")
    }
}

/// An alias that the macro cannot see through.
pub type Answer<T> = Result<T, Denied>;

/// Opaque.
#[sse("/opaque")]
pub async fn opaque() -> impl Stream<Item = Tick> {
    stream::iter([Tick { count: 1 }])
}

/// Boxed.
#[sse("/boxed")]
pub async fn boxed() -> Pin<Box<dyn Stream<Item = Event>>> {
    Box::pin(stream::empty())
}

/// Shared.
#[sse("/shared")]
pub async fn shared(set: Data<ClientSet<Tick>>, last: LastEventId) -> Subscription<Tick> {
    set.subscribe(last)
}

/// Fallible.
#[sse("/fallible")]
pub async fn fallible() -> Result<impl Stream<Item = Tick>, Denied> {
    Ok(stream::empty())
}

/// Fallible under another name.
#[sse("/aliased")]
pub async fn aliased(set: Data<ClientSet<Tick>>, last: LastEventId) -> Answer<Subscription<Tick>> {
    Ok(set.subscribe(last))
}

/// Fallible as the standard library spells it.
#[sse("/io")]
pub async fn io_result() -> io::Result<stream::Empty<String>> {
    Ok(stream::empty())
}

fn main() {}
