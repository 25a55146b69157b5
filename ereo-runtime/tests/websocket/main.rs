//! `#[websocket]`, above a function and above an `impl`, over real sockets.

#[path = "../http/support/server.rs"]
#[allow(dead_code)]
mod server;
#[path = "../http/support/tls.rs"]
#[allow(dead_code)]
mod tls;

mod compressed;
mod expiring;
mod forms;
mod hearing;
mod seats;
mod unreadable;

use std::future::{Ready, ready};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, ResponseError, error};
use ereo_runtime::prelude::*;
use ereo_runtime::{CloseCode, Kind, routes};
use server::{Server, serve, serve_limited};
use tungstenite::client::IntoClientRequest;
use tungstenite::{HandshakeError, Message as Sent, WebSocket};

const SECONDS: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Room {
    Lobby,
}

#[derive(Deserialize)]
struct ClientMsg {
    text: String,
}

#[derive(Serialize, Message)]
struct ServerMsg {
    text: String,
}

/// Whoever the query names.
#[derive(Debug)]
struct User(String);

impl FromRequest for User {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = req.query_string().strip_prefix("user=");
        ready(
            user.map(|name| Self(name.to_owned())).ok_or_else(|| error::ErrorUnauthorized("who?")),
        )
    }
}

/// What the handlers tell the test.
#[derive(Clone)]
struct Told(SyncSender<String>);

impl Told {
    fn tell(&self, event: impl Into<String>) {
        self.0.send(event.into()).expect("the test listens");
    }
}

type Talk = Socket<ClientMsg, ServerMsg>;

/// The socket's type goes by another name here.
#[websocket("/rooms/{room}/ws", max_message = "1KiB", ping = "off", idle = "off")]
async fn room_ws(
    room: Room,
    mut socket: Talk,
    user: User,
    told: Data<Told>,
) -> Result<(), SocketError> {
    told.tell(format!("{} in {room:?}", user.0));
    while let Some(ClientMsg { text }) = socket.recv().await? {
        socket.send(&ServerMsg { text }).await?;
    }
    told.tell(format!("{:?}", socket.reason()));
    Ok(())
}

/// Only sends, and returns nothing; foreign pages may connect.
#[websocket("/greeting", origins = ["*"])]
async fn greeting(connection: Connection<String>) {
    connection.send(&"hello".to_owned()).await.expect("there is room for one message");
}

#[derive(Debug, thiserror::Error)]
#[error("not you")]
struct Refused;

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }
}

struct ChatSocket {
    connection: Connection<ServerMsg>,
    told: Data<Told>,
}

#[websocket("/chat/{room}", origins = ["https://app.example"])]
impl ChatSocket {
    async fn open(
        room: Room,
        connection: Connection<ServerMsg>,
        user: User,
        told: Data<Told>,
    ) -> Result<Self, Refused> {
        if user.0 == "mallory" {
            connection.send(&ServerMsg { text: "never seen".to_owned() }).await.or(Err(Refused))?;
            return Err(Refused);
        }
        told.tell(format!("open {room:?}"));
        let text = format!("welcome {}", user.0);
        connection.send(&ServerMsg { text }).await.or(Err(Refused))?;
        Ok(Self { connection, told })
    }

    async fn message(&mut self, message: ClientMsg) -> Result<(), SocketError> {
        self.told.tell(format!("message {}", message.text));
        match message.text.as_str() {
            "panic" => panic!("on purpose"),
            "fail" => Err(SocketError::close(CloseCode::POLICY_VIOLATION, "enough")),
            _ => self.answer(message.text).await,
        }
    }

    async fn close(self, reason: CloseReason) {
        self.told.tell(format!("close {reason:?}"));
    }

    async fn answer(&self, text: String) -> Result<(), SocketError> {
        self.connection.send(&ServerMsg { text }).await
    }
}

fn server() -> (Server, Receiver<String>) {
    let (told, events) = sync_channel(100);
    let told = Data::new(Told(told));
    let server = serve(move |app| {
        app.app_data(told.clone()).service(routes().expect("no two routes clash"));
    });
    (server, events)
}

/// The socket, or the HTTP status instead.
fn connect(server: &Server, path: &str, origin: Option<&str>) -> Result<WebSocket<TcpStream>, u16> {
    let mut request = format!("ws://{}{path}", server.address).into_client_request().unwrap();
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().unwrap());
    }
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(SECONDS)).unwrap();
    match tungstenite::client(request, stream) {
        Ok((socket, _)) => Ok(socket),
        Err(HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
            Err(answer.status().as_u16())
        }
        Err(error) => panic!("{error}"),
    }
}

fn text(text: &str) -> Sent {
    Sent::text(format!(r#"{{"text":"{text}"}}"#))
}

fn close_code(socket: &mut WebSocket<TcpStream>) -> u16 {
    match socket.read().unwrap() {
        Sent::Close(Some(frame)) => frame.code.into(),
        other => panic!("a close frame was expected, not {other:?}"),
    }
}

fn next(events: &Receiver<String>) -> String {
    events.recv_timeout(SECONDS).unwrap()
}

#[test]
fn refusals_come_before_the_upgrade() {
    let (server, events) = server();
    let status = |path: &str| connect(&server, path, None).unwrap_err();
    for path in [room_ws::path("lobby"), ChatSocket::path("lobby")] {
        assert_eq!(status(&path), 401);
    }
    assert_eq!(status("/rooms/cellar/ws?user=ann"), 404);
    assert_eq!(status("/chat/cellar?user=ann"), 404);
    assert_eq!(status("/chat/lobby?user=mallory"), 403);
    let foreign = Some("https://evil.example");
    assert_eq!(connect(&server, "/rooms/lobby/ws?user=ann", foreign).unwrap_err(), 403);
    assert_eq!(connect(&server, "/chat/lobby?user=ann", foreign).unwrap_err(), 403);
    drop(server);
    assert_eq!(events.try_iter().collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_function_echoes_until_the_client_closes() {
    let (server, events) = server();
    let path = format!("{}?user=ann", room_ws::path("lobby"));
    let mut socket = connect(&server, &path, None).unwrap();
    assert_eq!(next(&events), "ann in Lobby");
    for number in 0..100 {
        let message = text(&number.to_string());
        socket.send(message.clone()).unwrap();
        assert_eq!(socket.read().unwrap(), message);
    }
    socket.close(None).unwrap();
    assert_eq!(socket.read().unwrap(), Sent::Close(None));
    assert!(next(&events).starts_with("Some(Peer"));
}

#[test]
fn keys_reach_the_runtime() {
    let (server, _events) = server();
    let mut socket = connect(&server, "/rooms/lobby/ws?user=ann", None).unwrap();
    socket.send(text(&"x".repeat(1024))).unwrap();
    assert_eq!(close_code(&mut socket), 1009);
    let mut socket = connect(&server, "/greeting", Some("https://evil.example")).unwrap();
    assert_eq!(socket.read().unwrap(), Sent::text("hello"));
    assert_eq!(close_code(&mut socket), 1000);
    connect(&server, "/chat/lobby?user=ann", Some("https://app.example")).unwrap();
}

#[test]
fn a_socket_that_sends_too_fast_is_closed_with_1008_and_others_are_not() {
    let (told, _events) = sync_channel(1000);
    let told = Data::new(Told(told));
    let limits = Limits::new().socket_messages(20).socket_bytes(1 << 20);
    let server = serve_limited(1, SECONDS, limits, move |app| {
        app.app_data(told.clone()).service(routes().expect("no two routes clash"));
    });
    let path = format!("{}?user=ann", room_ws::path("lobby"));
    let mut calm = connect(&server, &path, None).unwrap();
    let mut fast = connect(&server, &path, None).unwrap();
    for _ in 0..100 {
        fast.send(text("fast")).unwrap();
    }
    let closed = std::iter::repeat_with(|| fast.read().unwrap()).find(Sent::is_close).unwrap();
    assert!(matches!(closed, Sent::Close(Some(frame)) if u16::from(frame.code) == 1008));
    calm.send(text("calm")).unwrap();
    assert_eq!(calm.read().unwrap(), text("calm"));
}

#[test]
fn hooks_are_called_in_order_and_close_once_however_it_ends() {
    let (server, events) = server();
    let open = || {
        let mut socket = connect(&server, "/chat/lobby?user=ann", None).unwrap();
        assert_eq!(socket.read().unwrap(), text("welcome ann"));
        assert_eq!(next(&events), "open Lobby");
        socket.send(text("hi")).unwrap();
        assert_eq!(socket.read().unwrap(), text("hi"));
        assert_eq!(next(&events), "message hi");
        socket
    };
    let closes = |reason: &str| {
        let close = next(&events);
        assert!(close.starts_with(&format!("close {reason}")), "{close}, not {reason}");
    };

    let mut closed = open();
    closed.close(None).unwrap();
    assert_eq!(closed.read().unwrap(), Sent::Close(None));
    closes("Peer");

    let aborted = open();
    socket2::SockRef::from(aborted.get_ref()).set_linger(Some(Duration::ZERO)).unwrap();
    drop(aborted);
    closes("Vanished");

    let mut panicking = open();
    panicking.send(text("panic")).unwrap();
    assert_eq!(close_code(&mut panicking), 1011);
    assert_eq!(next(&events), "message panic");
    closes("Panicked");

    let mut failing = open();
    failing.send(text("fail")).unwrap();
    assert_eq!(close_code(&mut failing), 1008);
    assert_eq!(next(&events), "message fail");
    closes("Local");

    let mut unreadable = open();
    unreadable.send(Sent::text("no JSON")).unwrap();
    assert_eq!(close_code(&mut unreadable), 1007);
    closes("Failed");

    let (mut drained, mut server) = (open(), server);
    server.begin_drain();
    assert_eq!(close_code(&mut drained), 1012);
    assert_eq!(connect(&server, "/chat/lobby?user=ann", None).unwrap_err(), 503);
    let _ = drained.flush();
    closes("Drain");
    server.drain();
    assert_eq!(events.try_iter().collect::<Vec<_>>(), [""; 0], "one close each");
}

#[test]
fn routes_know_what_they_are() {
    let routes = routes().unwrap();
    let known = routes.iter().map(|it| (it.path, it.kind, it.handler, it.params, it.message));
    let known: Vec<_> = known.collect();
    let sends = std::any::type_name::<ServerMsg>();
    let room: &[&str] = &["room"];
    for route in [
        ("/rooms/{room}/ws", "websocket::room_ws", room, sends),
        ("/greeting", "websocket::greeting", &[], "alloc::string::String"),
        ("/chat/{room}", "websocket::ChatSocket", room, sends),
    ] {
        let (path, handler, params, message) = route;
        let route = (path.to_owned(), Kind::WebSocket, handler, params, message);
        assert!(known.contains(&route), "{route:?} in {known:?}");
    }
    assert_eq!(room_ws::ROUTE, "/rooms/{room}/ws");
    assert_eq!(ChatSocket::ROUTE, "/chat/{room}");
}
