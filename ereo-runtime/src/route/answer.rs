//! What every answer of a route says in its head, an error's as well.

use std::future::Future;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{Error, HttpResponse};

/// The headers that the browser module reads.
const READ: [HeaderName; 2] = [HeaderName::from_static("last-event-id"), header::RETRY_AFTER];

/// The answer, with what belongs into its head.
pub(super) async fn answer(
    handled: impl Future<Output = Result<HttpResponse, Error>>,
) -> HttpResponse {
    let mut response = handled.await.unwrap_or_else(HttpResponse::from_error);
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        complete(response.headers_mut());
    }
    response
}

fn complete(headers: &mut HeaderMap) {
    // What is sent is of the type that it says, whatever it looks like (WHATWG Fetch section 3.6).
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A page of another origin may read no others (section 3.2.3). Without `access-control-allow-origin`,
    // which is for a middleware to say, it means nothing.
    for read in READ {
        if headers.contains_key(&read) {
            headers.append(header::ACCESS_CONTROL_EXPOSE_HEADERS, read.into());
        }
    }
}
