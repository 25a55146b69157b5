//! Tells requests behind which all bytes, up to the end of the connection, are frames.
//!
//! It is for actix to say, which reads the connection: its decoder (actix-http's `h1/decoder.rs`) takes
//! what follows as it comes where an `upgrade` header is exactly `websocket` and the message has no
//! transfer coding. Such a payload ends with the connection alone, the response body beside it is never
//! chunked, and no further request is read. In every other case the decoder sees the end of the request
//! somewhere, and the next one behind it: frames would be read as HTTP, HTTP as part of the tunnel, and
//! whoever stands between, and has checked the first request only, would be passed by.

use actix_web::HttpRequest;
use actix_web::http::Version;
use actix_web::http::header::{self, HeaderName, HeaderValue};

use super::refusal::HandshakeErrorKind;

/// Refuses a request to upgrade behind which something else than frames may follow.
pub(super) fn check(request: &HttpRequest) -> Result<(), HandshakeErrorKind> {
    let says = |name: HeaderName, is: fn(&str) -> bool| {
        request.headers().get_all(name).any(|value| text(value).is_some_and(is))
    };
    let upgrades = says(header::UPGRADE, |to| to.to_ascii_lowercase().contains("websocket"));
    // HTTP/2 has no upgrade, and the payload is the stream's.
    if !upgrades || request.version() > Version::HTTP_11 {
        return Ok(());
    }
    Err(HandshakeErrorKind::NoTunnel(if request.version() < Version::HTTP_11 {
        // RFC 9110 section 7.8.
        "its version of HTTP knows no upgrade"
    } else if request.headers().contains_key(header::TRANSFER_ENCODING) {
        "the request that opens it has no transfer coding"
    } else if !request.headers().get_all(header::CONTENT_LENGTH).all(is_zero) {
        "the request that opens it has no body"
    } else if !says(header::UPGRADE, |to| to.eq_ignore_ascii_case("websocket")) {
        "the upgrade header names other protocols too"
    } else {
        return Ok(());
    }))
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok().map(str::trim)
}

fn is_zero(length: &HeaderValue) -> bool {
    text(length).is_some_and(|length| length.parse() == Ok(0_u64))
}
