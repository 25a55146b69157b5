//! The opening handshake (RFC 6455 section 4.2).

use actix_http::ws;
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{FromRequest as _, HttpRequest, HttpResponse, web};

use super::options::Options;
use super::refusal::{HandshakeError, HandshakeErrorKind};
use super::subprotocol::{NoneSpoken, Spoken, choose};
use super::tunnel;
use crate::server::{Origins, configured_origins, requested_host};
use crate::wire::{Agreement, agree};

/// What a handshake has agreed on.
#[derive(Debug)]
pub(super) struct Accepted {
    /// 101, with the accept key and what is below; the body is the caller's to set.
    pub(super) head: HttpResponse,
    pub(super) compression: Option<Agreement>,
    pub(super) subprotocol: Option<Spoken>,
}

/// Checks a request and gives its answer.
pub(super) fn accept(request: &HttpRequest, options: &Options) -> Result<Accepted, HandshakeError> {
    check(request, options).map_err(|kind| HandshakeError::of(kind, request, options))
}

fn check(request: &HttpRequest, options: &Options) -> Result<Accepted, HandshakeErrorKind> {
    tunnel::check(request)?;
    ws::verify_handshake(request.head())?;
    if !is_allowed(request, options) {
        return Err(HandshakeErrorKind::Origin);
    }
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let subprotocol = choose(options.protocols, offered.map(HeaderValue::as_bytes));
    let subprotocol =
        subprotocol.map_err(|NoneSpoken| HandshakeErrorKind::Protocol(options.protocols))?;
    // actix-ws writes the answer. Its own body and reader, which frame every message for every client
    // and check a frame's size only once all of it is there, are left unused.
    let nothing = web::Payload::from_request(request, &mut Payload::None).into_inner();
    let handled = nothing.and_then(|nothing| actix_ws::handle(request, nothing));
    let failed = HandshakeErrorKind::BadUpgrade("the handshake failed");
    let (mut head, _session, _stream) = handled.map_err(|_| failed)?;
    // A header that is not even text offers nothing that is understood.
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_EXTENSIONS);
    let offered = offered.filter_map(|offered| offered.to_str().ok());
    let compression = agree(options.compression, offered);
    if let Some(agreement) = compression {
        let agreed = HeaderValue::try_from(agreement.to_string()).map_err(|_| failed)?;
        head.headers_mut().insert(header::SEC_WEBSOCKET_EXTENSIONS, agreed);
    }
    if let Some(subprotocol) = subprotocol {
        let chosen = HeaderValue::try_from(*subprotocol).map_err(|_| failed)?;
        head.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, chosen);
    }
    Ok(Accepted { head, compression, subprotocol })
}

impl From<ws::HandshakeError> for HandshakeErrorKind {
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

/// Whether a page that may connect asks with `fetch` why it was refused, as the browser module does.
///
/// What an `<img>` of another site asks for has cookies and no origin, and must run no extractor and no `open`: of
/// this site, or with an origin, is only what says `cors`.
pub(super) fn asks_why(request: &HttpRequest, options: &Options) -> bool {
    let says = |name, value| request.headers().get(name).is_some_and(|sent| sent == value);
    request.method() == Method::GET
        && !request.headers().contains_key(header::UPGRADE)
        && says(header::ACCEPT, "application/problem+json")
        && says(HeaderName::from_static("sec-fetch-mode"), "cors")
        && is_allowed(request, options)
}

/// Whether the request comes from a page that may connect, or from no page.
pub(super) fn is_allowed(request: &HttpRequest, options: &Options) -> bool {
    let mut sent = request.headers().get_all(header::ORIGIN);
    // Section 10.2: browsers always send it; a client without one acts with its own rights only.
    let Some(origin) = sent.next() else {
        return true;
    };
    let same_host = const { &Origins::same_host() };
    let configured = || configured_origins(request).unwrap_or(same_host);
    let origins = options.origins.as_ref().unwrap_or_else(configured);
    sent.next().is_none()
        && origin.to_str().is_ok_and(|origin| origins.allow(origin, requested_host(request)))
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError as _;
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
            Ok(accepted) => accepted.head.status().as_u16(),
            Err(error) => error.error_response().status().as_u16(),
        }
    }

    #[test]
    fn the_example_of_section_1_3() {
        let request = request().to_http_request();
        let response = accept(&request, &Options::default()).unwrap().head;
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
        let old = || request().insert_header((header::SEC_WEBSOCKET_VERSION, "8"));
        assert_eq!(status(old()), 426);
        let error = accept(&old().to_http_request(), &Options::default()).unwrap_err();
        let answer = error.error_response();
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

    #[test]
    fn a_subprotocol_is_chosen_or_left_out() {
        let options = Options::default().protocols(&["chat.v2", "chat.v1"]);
        let answer = |offer: Option<&str>| {
            let request = offer.into_iter().fold(request(), |request, offer| {
                request.append_header((header::SEC_WEBSOCKET_PROTOCOL, offer))
            });
            accept(&request.to_http_request(), &options)
        };
        let chosen = answer(Some("chat.v1")).unwrap();
        assert_eq!(chosen.head.headers().get(header::SEC_WEBSOCKET_PROTOCOL).unwrap(), "chat.v1");
        assert_eq!(chosen.subprotocol, Some(&"chat.v1"));
        assert!(!answer(None).unwrap().head.headers().contains_key(header::SEC_WEBSOCKET_PROTOCOL));
        let refused = answer(Some("mqtt")).unwrap_err();
        assert_eq!(refused.kind(), HandshakeErrorKind::Protocol(&["chat.v2", "chat.v1"]));
        assert_eq!(refused.error_response().status(), 400);
    }
}
