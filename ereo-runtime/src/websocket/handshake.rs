//! The opening handshake (RFC 6455 section 4.2).

use actix_http::ws;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest as _, HttpRequest, HttpResponse, ResponseError, web};

use super::deflate::{Agreement, agree};
use super::options::Options;
use super::origin::Origins;
use super::tunnel;
use crate::server::{ConnectionKind, LastWords, NotAdmitted, refused};

/// Why a request does not become a WebSocket; its HTTP answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// 405: only `GET` can be upgraded.
    #[error("a WebSocket is opened with GET")]
    Method,
    /// 400: the request does not ask for an upgrade, or not rightly.
    #[error("this is a WebSocket: {0}")]
    BadUpgrade(&'static str),
    /// 400, and the end of the connection: behind the request there may be something else than frames, for it
    /// has a body, for one.
    #[error("this is a WebSocket: {0}")]
    NoTunnel(&'static str),
    /// 426: a version of the protocol other than 13.
    #[error("only version 13 of the WebSocket protocol is spoken")]
    Version,
    /// 403: a page of another origin, which `origins` does not allow.
    #[error("this origin may not open a WebSocket here")]
    Origin,
    /// 503 or 429: the server is being stopped, or takes no more connections.
    #[error(transparent)]
    NotAdmitted(#[from] NotAdmitted),
}

impl ResponseError for HandshakeError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadUpgrade(_) | Self::NoTunnel(_) => StatusCode::BAD_REQUEST,
            Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::NotAdmitted(refusal) => refusal.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::NotAdmitted(refusal) => return refusal.error_response(),
            Self::Method => {
                response.insert_header((header::ALLOW, "GET"));
            }
            // Section 4.4: "the server MUST [..] indicate the version(s) it is willing to use".
            Self::Version => {
                response.insert_header((header::SEC_WEBSOCKET_VERSION, "13"));
                response.insert_header((header::UPGRADE, "websocket"));
            }
            // What is pipelined behind it may be meant for a tunnel, and is no request of anybody's.
            Self::NoTunnel(_) => {
                response.force_close().content_type("text/plain; charset=utf-8");
                return response.body(LastWords::new(self.to_string()));
            }
            Self::BadUpgrade(_) | Self::Origin => {}
        }
        response.content_type("text/plain; charset=utf-8").body(self.to_string())
    }
}

/// Checks a request and gives its answer, 101 with the accept key and the extension that was agreed
/// on; the body is the caller's to set.
pub(super) fn accept(
    request: &HttpRequest,
    options: &Options,
) -> Result<(HttpResponse, Option<Agreement>), HandshakeError> {
    tunnel::check(request).inspect_err(|_| {
        refused(request, ConnectionKind::WebSocket, "upgrade");
    })?;
    ws::verify_handshake(request.head())?;
    check_origin(request, &options.origins)?;
    // actix-ws writes the answer. Its own body and reader, which frame every message for every client
    // and check a frame's size only once all of it is there, are left unused.
    let nothing = web::Payload::from_request(request, &mut Payload::None).into_inner();
    let handled = nothing.and_then(|nothing| actix_ws::handle(request, nothing));
    let failed = HandshakeError::BadUpgrade("the handshake failed");
    let (mut response, _session, _stream) = handled.map_err(|_| failed)?;
    // A header that is not even text offers nothing that is understood.
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_EXTENSIONS);
    let offered = offered.filter_map(|offered| offered.to_str().ok());
    let agreement = agree(options.compression, offered);
    if let Some(agreement) = agreement {
        let agreed = HeaderValue::try_from(agreement.to_string()).map_err(|_| failed)?;
        response.headers_mut().insert(header::SEC_WEBSOCKET_EXTENSIONS, agreed);
    }
    Ok((response, agreement))
}

impl From<ws::HandshakeError> for HandshakeError {
    fn from(error: ws::HandshakeError) -> Self {
        Self::BadUpgrade(match error {
            ws::HandshakeError::GetMethodRequired => return Self::Method,
            ws::HandshakeError::UnsupportedVersion => return Self::Version,
            ws::HandshakeError::NoWebsocketUpgrade => "the upgrade header does not say websocket",
            ws::HandshakeError::NoConnectionUpgrade => "the connection header does not say upgrade",
            ws::HandshakeError::NoVersionHeader => "the sec-websocket-version header is missing",
            ws::HandshakeError::BadWebsocketKey => "sec-websocket-key is not 16 bytes in base64",
        })
    }
}

fn check_origin(request: &HttpRequest, origins: &Origins) -> Result<(), HandshakeError> {
    let mut sent = request.headers().get_all(header::ORIGIN);
    // Section 10.2: browsers always send it; a client without one acts with its own rights only.
    let Some(origin) = sent.next() else {
        return Ok(());
    };
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let allowed =
        sent.next().is_none() && origin.to_str().is_ok_and(|origin| origins.allow(origin, host));
    if allowed { Ok(()) } else { Err(HandshakeError::Origin) }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn request() -> TestRequest {
        TestRequest::get()
            .insert_header((header::HOST, "app.example"))
            .insert_header((header::UPGRADE, "websocket"))
            .insert_header((header::CONNECTION, "upgrade"))
            .insert_header((header::SEC_WEBSOCKET_VERSION, "13"))
            .insert_header((header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="))
    }

    fn status(request: TestRequest) -> u16 {
        match accept(&request.to_http_request(), &Options::default()) {
            Ok((response, _)) => response.status().as_u16(),
            Err(error) => error.error_response().status().as_u16(),
        }
    }

    #[test]
    fn the_example_of_section_1_3() {
        let request = request().to_http_request();
        let (response, _) = accept(&request, &Options::default()).unwrap();
        assert_eq!(response.status(), 101);
        let accept = response.headers().get(header::SEC_WEBSOCKET_ACCEPT).unwrap();
        assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn failed_upgrades() {
        assert_eq!(status(TestRequest::get()), 400);
        assert_eq!(status(request().insert_header((header::SEC_WEBSOCKET_KEY, "short"))), 400);
        assert_eq!(status(request().insert_header((header::CONNECTION, "close"))), 400);
        assert_eq!(status(request().method(actix_web::http::Method::POST)), 405);
        assert_eq!(status(request().insert_header((header::SEC_WEBSOCKET_VERSION, "8"))), 426);
        let answer = HandshakeError::Version.error_response();
        assert_eq!(answer.headers().get(header::SEC_WEBSOCKET_VERSION).unwrap(), "13");
    }

    #[test]
    fn foreign_pages_are_refused() {
        assert_eq!(status(request().insert_header((header::ORIGIN, "https://app.example"))), 101);
        assert_eq!(status(request().insert_header((header::ORIGIN, "https://evil.example"))), 403);
        let two = request()
            .append_header((header::ORIGIN, "https://app.example"))
            .append_header((header::ORIGIN, "https://app.example"));
        assert_eq!(status(two), 403);
    }
}
