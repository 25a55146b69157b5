//! A message that cannot be read: what browsers write is read, and the rest is one message's fault.

use std::net::TcpStream;

use actix_web::web::Data;
use ereo_runtime::prelude::*;
use ereo_runtime::websocket::DecodeError;
use ereo_runtime::{CloseCode, Payload};
use serde_json::{Value, json};
use tungstenite::{Message as Sent, WebSocket};

use crate::server::{Server, serve};
use crate::{SECONDS, close_code};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    text: String,
}

/// What it reads as any JSON it sends back.
#[websocket("/unreadable/any", ping = "off", idle = "off")]
async fn any(mut socket: Socket<Value, Value>) -> Result<(), SocketError> {
    while let Some(value) = socket.recv().await? {
        socket.send(&value).await?;
    }
    Ok(())
}

/// As documented for functions: told, it goes on.
#[websocket("/unreadable/goes-on", ping = "off", idle = "off")]
async fn goes_on(mut socket: Socket<Said, String>) -> Result<(), SocketError> {
    loop {
        match socket.recv().await {
            Ok(Some(said)) => socket.send(&said.text).await?,
            Ok(None) => return Ok(()),
            Err(SocketError::Decode(error)) => socket.send(&format!("no: {error}")).await?,
            Err(error) => return Err(error),
        }
    }
}

struct Plain(Connection<String>);

#[websocket("/unreadable/plain", ping = "off", idle = "off")]
impl Plain {
    async fn open(connection: Connection<String>) -> Self {
        Self(connection)
    }

    async fn message(&mut self, said: Said) -> Result<(), SocketError> {
        self.0.send(&said.text).await
    }
}

struct Hears {
    connection: Connection<String>,
    set: Data<ClientSet<String>>,
}

#[websocket("/unreadable/hears", ping = "off", idle = "off")]
impl Hears {
    async fn open(connection: Connection<String>, set: Data<ClientSet<String>>) -> Self {
        Self { connection, set }
    }

    async fn message(&mut self, said: Said) -> Result<(), SocketError> {
        self.connection.send(&said.text).await
    }

    async fn unreadable(&mut self, message: Unreadable) -> Result<(), SocketError> {
        match message.message() {
            Payload::Text(text) if text == "panic" => panic!("on purpose"),
            Payload::Text(text) if text == "as without" => Err(message.into()),
            Payload::Text(text) if text == "leave" => {
                Err(SocketError::close(CloseCode::POLICY_VIOLATION, "as you like"))
            }
            Payload::Text(text) => {
                let answer = format!("no: {text}: {}", message.error());
                self.connection.send(&answer).await
            }
            Payload::Binary(bytes) => self.connection.send(&format!("no: {bytes:?}")).await,
        }
    }

    async fn close(self, reason: CloseReason) {
        self.set.broadcast(&reason.to_string()).unwrap();
    }
}

/// Takes text as it is, so that only binary cannot be read.
struct Texts(Connection<String>);

#[websocket("/unreadable/texts", ping = "off", idle = "off")]
impl Texts {
    async fn open(connection: Connection<String>) -> Self {
        Self(connection)
    }

    async fn message(&mut self, text: ereo_runtime::Text) -> Result<(), SocketError> {
        self.0.send(&text.0.to_string()).await
    }

    async fn unreadable(&mut self, error: DecodeError) -> Result<(), SocketError> {
        self.0.send(&error.to_string()).await
    }
}

fn server() -> (ClientSet<String>, Server) {
    let set = ClientSet::new();
    let data = Data::new(set.clone());
    let server = serve(move |app| {
        app.app_data(data.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    });
    (set, server)
}

fn connect(server: &Server, path: &str) -> WebSocket<TcpStream> {
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(SECONDS)).unwrap();
    tungstenite::client(format!("ws://{}{path}", server.address), stream).unwrap().0
}

fn read(socket: &mut WebSocket<TcpStream>) -> String {
    match socket.read().unwrap() {
        Sent::Text(text) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

/// As text, and as binary.
fn both(json: &str) -> [Sent; 2] {
    [Sent::text(json), Sent::binary(json.as_bytes().to_vec())]
}

#[test]
fn what_browsers_write_is_read_by_functions_and_hooks() {
    let (_set, server) = server();
    let written = "\u{feff}{\"text\": \"cut \\ud83d\"}";
    let mut any = connect(&server, any::ROUTE);
    for sent in both("\u{feff}[{\"\\uDC00 \\\\ud83d\": \"\\ud83d\\ude00\\ud83d\"}]") {
        any.send(sent).unwrap();
        let value: Value = serde_json::from_str(&read(&mut any)).unwrap();
        assert_eq!(value, json!([{ "\u{fffd} \\ud83d": "\u{1f600}\u{fffd}" }]));
    }
    for path in [goes_on::ROUTE, Plain::ROUTE, Hears::ROUTE] {
        let mut socket = connect(&server, path);
        for sent in both(written) {
            socket.send(sent).unwrap();
            assert_eq!(read(&mut socket), "cut \u{fffd}", "{path}");
        }
        socket.send(Sent::text(r#"{"text":"next"}"#)).unwrap();
        assert_eq!(read(&mut socket), "next");
    }
}

#[test]
fn a_function_may_go_on_and_hooks_that_do_not_hear_of_it_are_closed() {
    let (_set, server) = server();
    let deep = format!("{{\"text\":{}", "[".repeat(200));
    for text in ["ping", "", "{\"text\":1}", "\u{feff}", "{\"text\":\"\\ud83d\",\"x\":1}", &deep] {
        let mut socket = connect(&server, goes_on::ROUTE);
        socket.send(Sent::text(text)).unwrap();
        socket.send(Sent::text(r#"{"text":"next"}"#)).unwrap();
        assert!(read(&mut socket).starts_with("no: "));
        assert_eq!(read(&mut socket), "next");
        let mut plain = connect(&server, Plain::ROUTE);
        plain.send(Sent::text(text)).unwrap();
        assert_eq!(close_code(&mut plain), 1007, "{text}");
    }
}

#[test]
fn a_hook_answers_and_the_connection_goes_on() {
    let (_set, server) = server();
    let mut socket = connect(&server, Hears::ROUTE);
    for text in ["ping", "", "{", "{\"text\":\"\\ud83d\",\"x\":1}"] {
        socket.send(Sent::text(text)).unwrap();
        assert!(read(&mut socket).starts_with(&format!("no: {text}: ")), "{text}");
    }
    socket.send(Sent::binary(vec![0xff])).unwrap();
    assert_eq!(read(&mut socket), r#"no: b"\xff""#);
    socket.send(Sent::text(r#"{"text":"next"}"#)).unwrap();
    assert_eq!(read(&mut socket), "next");

    let mut texts = connect(&server, Texts::ROUTE);
    texts.send(Sent::binary(vec![1])).unwrap();
    texts.send(Sent::text("next")).unwrap();
    assert_eq!(
        (read(&mut texts), read(&mut texts)),
        ("expected a text message".into(), "next".into())
    );
}

#[tokio::test]
async fn a_hooks_error_closes_with_its_code_and_close_is_called_once() {
    let (set, server) = server();
    let mut closed = set.subscribe(LastEventId::none());
    for (text, code, reason) in [
        ("as without", 1007, "the handler failed"),
        ("leave", 1008, "closed by this side: 1008 as you like"),
        ("panic", 1011, "the handler panicked"),
    ] {
        let mut socket = connect(&server, Hears::ROUTE);
        socket.send(Sent::text(text)).unwrap();
        assert_eq!(close_code(&mut socket), code, "{text}");
        let _ = socket.flush();
        match tokio::time::timeout(SECONDS, closed.recv()).await.unwrap() {
            Some(ereo_runtime::Delivery::Message { message, .. }) => assert_eq!(*message, reason),
            other => panic!("{other:?}"),
        }
    }
    // What breaks the protocol is no message, and no hook's.
    let mut socket = connect(&server, Hears::ROUTE);
    let frame = tungstenite::protocol::frame::Frame::message(
        vec![0xff],
        tungstenite::protocol::frame::coding::OpCode::Data(
            tungstenite::protocol::frame::coding::Data::Text,
        ),
        true,
    );
    socket.send(Sent::Frame(frame)).unwrap();
    assert_eq!(close_code(&mut socket), 1007);
}
