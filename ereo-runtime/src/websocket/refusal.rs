//! Requests that do not become a WebSocket: their answer, and what is told of them.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError};

use super::handshake::is_allowed;
use super::options::Options;
use crate::server::{
    ConnectionKind, LastWords, NotAdmitted, count_refused, note_refused, requested_host,
};

/// Why a request does not become a WebSocket; its HTTP answer.
///
/// A browser tells its page nothing of a failed handshake. So all answers to a browser but 403, 429 and 503
/// tell what is spoken here, in `sec-websocket-version` and `sec-websocket-protocol`, and a page of an origin that
/// may connect can read them with a plain `fetch` of the URL: the browser module does. With
/// `accept: application/problem+json` such a request meets the route's extractors and its `open`, as the handshake did,
/// and is answered what they refuse it with; what they give otherwise is dropped, as for a client that has left.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct HandshakeError {
    kind: HandshakeErrorKind,
    /// The route's.
    protocols: &'static [&'static str],
    /// The origin of a page that may read the answer.
    page: Option<HeaderValue>,
}

/// Why a request does not become a WebSocket; see [`HandshakeError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeErrorKind {
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
    /// 400: the client offers subprotocols, and none of these, which are those of the route.
    #[error("none of the subprotocols that were offered is spoken here, only {}", .0.join(", "))]
    Protocol(&'static [&'static str]),
    /// 503 or 429: the server is being stopped, or takes no more connections.
    #[error(transparent)]
    NotAdmitted(#[from] NotAdmitted),
}

impl HandshakeError {
    /// Tells of a refusal, and makes its answer.
    pub(super) fn of(kind: HandshakeErrorKind, request: &HttpRequest, options: &Options) -> Self {
        observe(kind, request);
        let origin = request.headers().get(header::ORIGIN);
        let page = origin.filter(|_| kind.tells_what_is_spoken() && is_allowed(request, options));
        Self { kind, protocols: options.protocols, page: page.cloned() }
    }

    /// The reason.
    pub fn kind(&self) -> HandshakeErrorKind {
        self.kind
    }
}

/// Told of where it happened.
impl From<NotAdmitted> for HandshakeError {
    fn from(refusal: NotAdmitted) -> Self {
        Self { kind: refusal.into(), protocols: &[], page: None }
    }
}

impl ResponseError for HandshakeError {
    fn status_code(&self) -> StatusCode {
        match self.kind {
            HandshakeErrorKind::Method => StatusCode::METHOD_NOT_ALLOWED,
            HandshakeErrorKind::BadUpgrade(_)
            | HandshakeErrorKind::NoTunnel(_)
            | HandshakeErrorKind::Protocol(_) => StatusCode::BAD_REQUEST,
            HandshakeErrorKind::Version => StatusCode::UPGRADE_REQUIRED,
            HandshakeErrorKind::Origin => StatusCode::FORBIDDEN,
            HandshakeErrorKind::NotAdmitted(refusal) => refusal.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self.kind {
            HandshakeErrorKind::NotAdmitted(refusal) => return refusal.error_response(),
            HandshakeErrorKind::Method => {
                response.insert_header((header::ALLOW, "GET"));
            }
            HandshakeErrorKind::Version => {
                response.insert_header((header::UPGRADE, "websocket"));
            }
            // What is pipelined behind it may be meant for a tunnel, and is no request of anybody's.
            HandshakeErrorKind::NoTunnel(_) => {
                response.force_close().content_type("text/plain; charset=utf-8");
                return response.body(LastWords::new(self.to_string()));
            }
            _ => {}
        }
        if self.kind.tells_what_is_spoken() {
            // RFC 6455 section 4.4: "the server MUST [..] indicate the version(s) it is willing to use".
            response.insert_header((header::SEC_WEBSOCKET_VERSION, "13"));
            if !self.protocols.is_empty() {
                let spoken = self.protocols.join(", ");
                response.insert_header((header::SEC_WEBSOCKET_PROTOCOL, spoken));
            }
            response.insert_header((header::VARY, "origin"));
        }
        if let Some(page) = &self.page {
            response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, page.clone()));
            let exposed = "sec-websocket-version, sec-websocket-protocol";
            response.insert_header((header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed));
        }
        response.content_type("text/plain; charset=utf-8").body(self.to_string())
    }
}

impl HandshakeErrorKind {
    /// A page that may not connect is told nothing, and one that may come later need not be; what is no
    /// tunnel no browser sends.
    fn tells_what_is_spoken(self) -> bool {
        !matches!(self, Self::Origin | Self::NoTunnel(_) | Self::NotAdmitted(_))
    }

    /// As the label `reason` says it.
    fn reason(self) -> &'static str {
        match self {
            Self::Method | Self::BadUpgrade(_) | Self::NoTunnel(_) | Self::Version => "upgrade",
            Self::Origin => "origin",
            Self::Protocol(_) => "protocol",
            Self::NotAdmitted(refusal) => refusal.reason(),
        }
    }
}

/// A refusal that this server's settings can mend is a warning; one by the client's own fault is not.
fn observe(kind: HandshakeErrorKind, request: &HttpRequest) {
    count_refused(ConnectionKind::WebSocket, kind.reason());
    note_refused(request, kind.reason());
    let route = request.match_pattern().unwrap_or_default();
    let sent = |name| Shortened(request.headers().get(name).map_or(b"", HeaderValue::as_bytes));
    match kind {
        HandshakeErrorKind::Origin => {
            let host = Shortened(requested_host(request).as_bytes());
            tracing::warn!(
                route,
                origin = %sent(header::ORIGIN),
                %host,
                "refused a page: name its origin in `origins`, or where the host is not the page's let the proxy pass it on (nginx: proxy_set_header Host $http_host)"
            );
        }
        HandshakeErrorKind::Protocol(spoken) => {
            let offered = sent(header::SEC_WEBSOCKET_PROTOCOL);
            tracing::warn!(route, %offered, ?spoken, "refused a client: no subprotocol in common");
        }
        other => tracing::debug!(route, why = %other, "refused an upgrade"),
    }
}

/// Of a header that may be long and hold anything: a line of the log has the beginning, escaped.
struct Shortened<'a>(&'a [u8]);

impl std::fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const MOST: usize = 128;
        let shown = &self.0[..self.0.len().min(MOST)];
        let rest = if self.0.len() > MOST { ".." } else { "" };
        write!(f, "{}{rest}", shown.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use actix_web::test::TestRequest;

    use super::*;
    use crate::websocket::handshake::accept;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What the log has of a refusal at `info`.
    fn logged(name: &'static str, value: &str) -> String {
        let request = TestRequest::get()
            .insert_header((header::HOST, "127.0.0.1:8080"))
            .insert_header((header::UPGRADE, "websocket"))
            .insert_header((header::CONNECTION, "upgrade"))
            .insert_header((header::SEC_WEBSOCKET_VERSION, "13"))
            .insert_header((header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="))
            .insert_header((name, value));
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
        let options = Options::default().protocols(&["chat.v1"]);
        tracing::subscriber::with_default(subscriber.finish(), || {
            accept(&request.to_http_request(), &options).unwrap_err();
        });
        let log = log.0.lock().unwrap().clone();
        String::from_utf8(log).unwrap()
    }

    #[test]
    fn a_refused_page_is_told_with_the_mend() {
        let log = logged("origin", "https://app.example");
        assert_eq!(log.lines().count(), 1, "{log}");
        for told in [" WARN ", "origin=https://app.example", "host=127.0.0.1:8080", "$http_host"] {
            assert!(log.contains(told), "{told}: {log}");
        }
    }

    #[test]
    fn a_client_of_other_subprotocols_is_told() {
        let log = logged("sec-websocket-protocol", "mqtt");
        for told in [" WARN ", "offered=mqtt", "chat.v1"] {
            assert!(log.contains(told), "{told}: {log}");
        }
    }

    #[test]
    fn a_bad_upgrade_is_no_line_at_info() {
        assert_eq!(logged("upgrade", "h2c"), "");
    }

    #[test]
    fn a_line_of_the_log_stays_one() {
        assert_eq!(
            Shortened(b"https://a.example\r\nx\xff").to_string(),
            "https://a.example\\r\\nx\\xff"
        );
        assert_eq!(Shortened(&[b'a'; 1000]).to_string().len(), 130);
    }
}
