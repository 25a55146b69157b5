//! What a handshake agrees on, and which pages it refuses, over real sockets.

use std::net::{SocketAddr, TcpStream};

use ereo_runtime::prelude::*;
use tungstenite::protocol::Role;
use tungstenite::{Message as Frame, WebSocket};

use crate::support::socket::text;
use crate::support::{Client, Server, serve, serve_as};

/// What is agreed on, told first.
fn told(protocol: Option<&'static str>) -> String {
    protocol.unwrap_or("none").to_owned()
}

#[websocket("/handshake/function", protocols = ["chat.v2", "chat.v1"])]
async fn function(mut socket: Socket<String, String>) -> Result<(), SocketError> {
    socket.send(&told(socket.protocol())).await?;
    while socket.recv().await?.is_some() {
        socket.send(&told(socket.connection().protocol())).await?;
    }
    Ok(())
}

struct Hooks {
    connection: Connection<String>,
    at_open: Option<&'static str>,
}

#[websocket("/handshake/hooks", protocols = ["chat.v2", "chat.v1"])]
impl Hooks {
    async fn open(connection: Connection<String>) -> Self {
        Self { at_open: connection.protocol(), connection }
    }

    async fn message(&mut self, _: String) -> Result<(), SocketError> {
        assert_eq!(self.at_open, self.connection.protocol());
        self.connection.send(&told(self.at_open)).await
    }
}

#[websocket("/handshake/plain")]
async fn plain(socket: Socket<String, String>) -> Result<(), SocketError> {
    socket.send(&told(socket.protocol())).await
}

#[websocket("/handshake/listed", origins = ["self", "https://*.example.com", "capacitor://localhost"], protocols = ["chat.v1"])]
async fn listed(socket: Socket<String, String>) -> Result<(), SocketError> {
    socket.send(&told(socket.protocol())).await
}

fn routes(app: &mut actix_web::web::ServiceConfig) {
    app.service(ereo_runtime::routes().unwrap());
}

const UPGRADE: &str = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// The answer to an upgrade with these headers; the `Host` is `test`.
fn answer(address: SocketAddr, path: &str, headers: &str) -> Client {
    Client::get_with(address, path, &format!("{UPGRADE}{headers}"))
}

/// The subprotocol that is answered, and the connection.
fn upgrade(
    address: SocketAddr,
    path: &str,
    offers: &str,
) -> (Option<String>, WebSocket<TcpStream>) {
    let client = answer(address, path, offers);
    assert_eq!(client.status, 101, "{}", client.head);
    let answered = client.header("sec-websocket-protocol").map(str::to_owned);
    let (stream, unread) = client.upgraded();
    (answered, WebSocket::from_partially_read(stream, unread, Role::Client, None))
}

#[test]
fn the_servers_first_that_is_offered_is_chosen() {
    let server = serve(routes);
    for (offers, chosen) in [
        ("sec-websocket-protocol: chat.v1, chat.v2\r\n", "chat.v2"),
        ("sec-websocket-protocol: mqtt\r\nsec-websocket-protocol:  chat.v1 ,x\r\n", "chat.v1"),
        ("sec-websocket-protocol: \"chat.v1\", chat/v1 ,, chat.v1\r\n", "chat.v1"),
        ("", "none"),
        ("sec-websocket-protocol: \"chat.v1\"\r\n", "none"),
    ] {
        for path in ["/handshake/function", "/handshake/hooks"] {
            let (answered, mut socket) = upgrade(server.address, path, offers);
            let expected = (chosen != "none").then_some(chosen);
            assert_eq!(answered.as_deref(), expected, "{offers}");
            if path == "/handshake/function" {
                assert_eq!(text(&mut socket), chosen, "{offers}");
            }
            socket.send(Frame::text("?")).unwrap();
            assert_eq!(text(&mut socket), chosen, "{offers}");
        }
    }
}

#[test]
fn a_client_that_speaks_others_only_is_told_what_is_spoken() {
    let server = serve(routes);
    for offers in ["chat.v3", "CHAT.V1", "bearer.abc, mqtt"] {
        let offers = format!("sec-websocket-protocol: {offers}\r\n");
        let refused = answer(server.address, "/handshake/function", &offers).finish();
        assert_eq!(refused.status, 400);
        assert_eq!(refused.header("sec-websocket-protocol"), Some("chat.v2, chat.v1"));
        assert_eq!(refused.header("sec-websocket-version"), Some("13"));
        assert!(refused.body.contains("chat.v2, chat.v1"), "{}", refused.body);
    }
}

#[test]
fn a_route_without_subprotocols_answers_none() {
    let server = serve(routes);
    let offers = "sec-websocket-protocol: chat.v1\r\n";
    let (answered, mut socket) = upgrade(server.address, "/handshake/plain", offers);
    assert_eq!(answered, None);
    assert_eq!(text(&mut socket), "none");
}

#[test]
fn a_page_that_may_connect_can_ask_what_is_spoken() {
    let server = serve(routes);
    let ask = |path, origin| {
        Client::get_with(server.address, path, &format!("origin: {origin}\r\n")).finish()
    };
    let told = ask("/handshake/listed", "https://app.example.com");
    assert_eq!(told.status, 400);
    assert_eq!(told.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert_eq!(
        told.header("access-control-expose-headers"),
        Some("sec-websocket-version, sec-websocket-protocol")
    );
    assert_eq!(told.header("sec-websocket-protocol"), Some("chat.v1"));
    assert_eq!(told.header("vary"), Some("origin"));
    let untold = ask("/handshake/listed", "https://evil.example");
    assert_eq!(untold.header("access-control-allow-origin"), None);
    let plain = Client::get(server.address, "/handshake/plain").finish();
    assert_eq!(plain.header("sec-websocket-version"), Some("13"));
    assert_eq!(plain.header("sec-websocket-protocol"), None);
}

/// Refused with 401 unless the query says who it is, and with 403 if it is nobody that may.
struct User(String);

impl actix_web::FromRequest for User {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(req: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let user = req.query_string().strip_prefix("user=").map(|user| Self(user.to_owned()));
        std::future::ready(user.ok_or_else(|| actix_web::error::ErrorUnauthorized("who are you?")))
    }
}

#[websocket("/handshake/members", origins = ["self", "https://app.example"])]
async fn members(mut socket: Socket<String, String>, _: User) -> Result<(), SocketError> {
    while socket.recv().await?.is_some() {}
    Ok(())
}

struct Members;

#[websocket("/handshake/members-by-hooks")]
impl Members {
    async fn open(User(user): User) -> Result<Self, actix_web::Error> {
        if user == "mallory" {
            return Err(actix_web::error::ErrorForbidden("not you"));
        }
        Ok(Self)
    }

    async fn message(&mut self, _: String) {}
}

#[test]
fn a_page_that_was_refused_can_ask_why_and_nobody_else() {
    let server = serve(routes);
    let asks = "accept: application/problem+json\r\n";
    let page = format!("{asks}sec-fetch-mode: cors\r\n");
    let get = |path: &str, headers: &str| Client::get_with(server.address, path, headers).status;
    for path in ["/handshake/members", "/handshake/members-by-hooks"] {
        assert_eq!(get(path, &page), 401, "{path}");
        assert_eq!(status(&server, path, ""), 401, "{path}: as the handshake");
        assert_eq!(get(&format!("{path}?user=ann"), &page), 400, "{path}: nothing else is wrong");
        // An image of another site, with this one's cookies and no origin; and who does not ask.
        assert_eq!(get(path, &format!("{asks}sec-fetch-mode: no-cors\r\n")), 400, "{path}");
        assert_eq!(get(path, asks), 400, "{path}");
        assert_eq!(get(path, "sec-fetch-mode: cors\r\n"), 400, "{path}");
        assert_eq!(get(path, &format!("{page}origin: https://evil.example\r\n")), 400, "{path}");
    }
    assert_eq!(get("/handshake/members-by-hooks?user=mallory", &page), 403);
    let app = format!("{page}origin: https://app.example\r\n");
    assert_eq!(get("/handshake/members", &app), 401);
}

fn status(server: &Server, path: &str, headers: &str) -> u16 {
    answer(server.address, path, headers).status
}

#[test]
fn a_list_of_origins_has_apps_subdomains_and_the_own_host() {
    let server = serve(routes);
    for (origin, expected) in [
        ("http://test", 101),
        ("https://test", 101),
        ("capacitor://localhost", 101),
        ("https://app.example.com", 101),
        ("https://a.b.example.com", 101),
        ("https://example.com", 403),
        ("https://evil-example.com", 403),
        ("https://app.example.com.evil", 403),
        ("https://app.example.com@evil.example", 403),
        ("https://evil.example/.example.com", 403),
        ("https://app.example.com:8443", 403),
        ("http://app.example.com", 403),
        ("tauri://localhost", 403),
        ("null", 403),
    ] {
        let origin = format!("origin: {origin}\r\n");
        assert_eq!(status(&server, "/handshake/listed", &origin), expected, "{origin}");
    }
}

#[test]
fn configuration_holds_for_routes_that_say_nothing() {
    let origins: Origins = "https://*.app.example, tauri://localhost".parse().unwrap();
    let settings = |realtime: Realtime| realtime.origins(origins);
    let server = serve_as(1, Duration::from_secs(1), settings, routes);
    for (path, origin, expected) in [
        ("/handshake/plain", "https://www.app.example", 101),
        ("/handshake/plain", "tauri://localhost", 101),
        ("/handshake/plain", "http://test", 403),
        ("/handshake/listed", "http://test", 101),
        ("/handshake/listed", "https://www.app.example", 403),
    ] {
        let origin = format!("origin: {origin}\r\n");
        assert_eq!(status(&server, path, &origin), expected, "{path} {origin}");
    }
}

#[test]
fn the_host_is_the_proxys_word_where_it_is_declared() {
    let forwarded = "origin: https://app.example\r\nx-forwarded-host: app.example\r\n";
    let server = serve(routes);
    assert_eq!(status(&server, "/handshake/plain", forwarded), 403);
    let settings = |realtime: Realtime| {
        realtime.limits(Limits::new().behind_proxies(ProxyHeader::XForwardedFor, 1))
    };
    let behind = serve_as(1, Duration::from_secs(1), settings, routes);
    assert_eq!(status(&behind, "/handshake/plain", forwarded), 101);
    assert_eq!(status(&behind, "/handshake/plain", "origin: http://test\r\n"), 101);
    let lie = "origin: https://app.example\r\nx-forwarded-host: app.example, test\r\n";
    assert_eq!(status(&behind, "/handshake/plain", lie), 403);
    let foreign = "origin: http://test\r\nx-forwarded-host: app.example\r\n";
    assert_eq!(status(&behind, "/handshake/plain", foreign), 403);
    let settings = |realtime: Realtime| {
        realtime.limits(Limits::new().behind_proxies(ProxyHeader::Forwarded, 1))
    };
    let behind = serve_as(1, Duration::from_secs(1), settings, routes);
    assert_eq!(status(&behind, "/handshake/plain", forwarded), 403);
    let standard = "origin: https://app.example\r\nforwarded: for=192.0.2.1;host=app.example\r\n";
    assert_eq!(status(&behind, "/handshake/plain", standard), 101);
}
