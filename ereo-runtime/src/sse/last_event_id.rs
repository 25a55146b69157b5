//! [`LastEventId`] as an extractor.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use crate::log::LastEventId;

/// A browser's `EventSource` cannot set headers, so the first position travels in the query.
const IN_QUERY: &str = "lastEventID";

impl FromRequest for LastEventId {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(in_header(req).or_else(|| in_query(req)).unwrap_or_default()))
    }
}

/// An empty one is none, as a browser sends none for an empty id.
fn in_header(req: &HttpRequest) -> Option<LastEventId> {
    let header = req.headers().get("last-event-id").filter(|header| !header.is_empty())?;
    // What is no text is none of ours either.
    Some(LastEventId::read(header.to_str().unwrap_or_default()))
}

fn in_query(req: &HttpRequest) -> Option<LastEventId> {
    // Of pairs every query consists, and what is no UTF-8 in it is replaced.
    let pairs = web::Query::<Vec<(String, String)>>::from_query(req.query_string()).ok()?;
    let given = pairs.iter().find(|(key, text)| key == IN_QUERY && !text.is_empty());
    given.map(|(_, text)| LastEventId::read(text))
}
