//! The end of a stream that is finished: told, and known again when the client comes back nevertheless.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;

/// An `EventSource` comes back with this as its last event id. It says all by itself, so that the server
/// need not remember which streams have ended; and it is no position of a set, which ends with a number.
pub(super) const ENDED: &str = "ereo-end";

/// The last event of the stream; without data the browser would fire none.
pub(super) const END: &str = "event: ereo.end\ndata: {}\nid: ereo-end\n\n";

/// Whether the client was told the end of the stream that it asks for.
pub(super) fn has_ended(req: &HttpRequest) -> bool {
    // As for a position, the query counts only without the header: it is as old as the page's URL.
    match req.headers().get("last-event-id").map(HeaderValue::as_bytes) {
        None | Some(b"") => {
            let mut parameters = req.query_string().split('&');
            parameters.any(|parameter| parameter.strip_prefix("lastEventID=") == Some(ENDED))
        }
        Some(id) => id == ENDED.as_bytes(),
    }
}
