//! A request for a socket.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use actix_http::ws;
use actix_web::http::StatusCode;
use actix_web::http::header;
use tokio::time::timeout;

use super::answer::Answer;
use super::request::Request;
use super::socket::Socket;
use super::wait::fail;

/// A request for a socket: `.await` it for the [`Socket`], or for the [`Answer`] that came instead.
#[derive(Debug)]
#[must_use = "a socket is opened when it is awaited"]
pub struct Handshake(Request);

/// That of RFC 6455 section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

impl Handshake {
    #[track_caller]
    pub(super) fn new(request: Request) -> Self {
        let request = request.upgrading().header("upgrade", "websocket");
        Self(request.header("sec-websocket-version", "13").header("sec-websocket-key", KEY))
    }

    /// As a page of this origin, such as `https://app.example`.
    ///
    /// # Panics
    /// When it is none that can be sent.
    #[track_caller]
    pub fn origin(self, origin: &str) -> Self {
        self.header("origin", origin)
    }

    /// Offering these subprotocols.
    ///
    /// # Panics
    /// When they are none that can be sent.
    #[track_caller]
    pub fn protocols<'a>(self, protocols: impl IntoIterator<Item = &'a str>) -> Self {
        let protocols = Vec::from_iter(protocols).join(", ");
        self.header("sec-websocket-protocol", &protocols)
    }

    /// With a header in the place of those of the same name.
    ///
    /// # Panics
    /// When it is none that can be sent.
    #[track_caller]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }
}

impl IntoFuture for Handshake {
    type Output = Result<Socket, Answer>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Socket, Answer>>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (at, patience) = (self.0.at, self.0.app().patience());
            let response = self.0.respond().await;
            if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                let answer = timeout(patience, response.into_answer()).await;
                return Err(answer.unwrap_or_else(|_| fail(at, "the answer does not end")));
            }
            let headers = response.head.headers();
            let accepted = headers.get(header::SEC_WEBSOCKET_ACCEPT).map(|it| it.as_bytes());
            if accepted != Some(&ws::hash_key(KEY.as_bytes())[..]) {
                fail(at, "the answer of 101 accepts another key than was sent");
            }
            let protocol = headers.get(header::SEC_WEBSOCKET_PROTOCOL);
            let protocol = protocol.and_then(|it| it.to_str().ok()).map(str::to_owned);
            let (wire, unread) = response.into_upgraded();
            Ok(Socket::begin(wire, unread, protocol, patience))
        })
    }
}
