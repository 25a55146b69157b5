//! Types of the user's own that are called like a socket's, and every common extractor.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use ereo_runtime::prelude::{Data, ClientSet, LastEventId, Subscription, sse, loader};

/// A connection to a database.
pub struct Connection<T>(T);

impl FromRequest for Connection<u8> {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(1)))
    }
}

/// A stream.
#[sse("/feed")]
pub async fn feed(
    connection: Connection<u8>,
    _: HttpRequest,
    _: (Connection<u8>, Option<Connection<u8>>),
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Subscription<String> {
    let _ = connection.0;
    set.subscribe(last)
}

/// Data.
#[loader("/data", live = feed)]
pub async fn data(connection: Connection<u8>) -> String {
    connection.0.to_string()
}

fn main() {}
