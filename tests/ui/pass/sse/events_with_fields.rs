//! A stream of events, with all of their fields.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use ereo_runtime::sse::InvalidField;
use futures_util::stream;

#[sse("/events")]
async fn events() -> actix_web::Result<impl Stream<Item = Event>> {
    let event = event().map_err(actix_web::error::ErrorInternalServerError)?;
    Ok(stream::iter([event]))
}

fn event() -> Result<Event, InvalidField> {
    Event::new("data").event("name")?.id("1").map(|event| event.retry(Duration::from_secs(1)).comment("c"))
}

fn main() {
    assert!(event().is_ok());
    assert_eq!(events::ROUTE, "/events");
}
