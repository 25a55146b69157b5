//! [`LastEventId`] as an extractor.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::error::ErrorBadRequest;
use actix_web::{FromRequest, HttpRequest, web};
use serde::Deserialize;

use crate::broadcast::{LastEventId, MalformedPosition, Position};

/// A browser's `EventSource` cannot set headers, so the first position travels in the query.
#[derive(Deserialize)]
struct FromQuery {
    #[serde(rename = "lastEventID")]
    last_event_id: Option<String>,
}

impl FromRequest for LastEventId {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(last_event_id(req).map(Self::from).map_err(ErrorBadRequest))
    }
}

/// The header, else the query; an empty one is none, as a browser sends none for an empty id.
fn last_event_id(req: &HttpRequest) -> Result<Option<Position>, MalformedPosition> {
    if let Some(header) = req.headers().get("last-event-id").filter(|header| !header.is_empty()) {
        let text = header.to_str().map_err(|_| MalformedPosition)?;
        return text.parse().map(Some);
    }
    let query = web::Query::<FromQuery>::from_query(req.query_string());
    let given = query.map_err(|_| MalformedPosition)?.into_inner().last_event_id;
    given.filter(|text| !text.is_empty()).map(|text| text.parse()).transpose()
}
