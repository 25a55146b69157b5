//! What is sent and taken has one rule: a text is itself, bytes are themselves, all else is JSON.

use bytes::Bytes;
use ereo_runtime::prelude::*;
use ereo_runtime::{Binary, EncodeError, Mixed, Text};
use tungstenite::Message as Sent;

use crate::server::{Server, serve};
use crate::{close_code, connect};

#[websocket("/forms/string")]
async fn string(mut socket: Socket<String, String>) -> Result<(), SocketError> {
    while let Some(text) = socket.recv().await? {
        socket.send(&text).await?;
    }
    Ok(())
}

#[websocket("/forms/text")]
async fn text(mut socket: Socket<Text, Text>) -> Result<(), SocketError> {
    while let Some(text) = socket.recv().await? {
        socket.send(&text).await?;
    }
    Ok(())
}

#[websocket("/forms/bytes")]
async fn octets(mut socket: Socket<Bytes, Bytes>) -> Result<(), SocketError> {
    while let Some(bytes) = socket.recv().await? {
        socket.send(&bytes).await?;
    }
    Ok(())
}

#[websocket("/forms/binary")]
async fn binary(mut socket: Socket<Binary, Binary>) -> Result<(), SocketError> {
    while let Some(bytes) = socket.recv().await? {
        socket.send(&bytes).await?;
    }
    Ok(())
}

/// The hooks' rule is the functions'.
struct Hooked(Connection<String>);

#[websocket("/forms/hooks")]
impl Hooked {
    async fn open(connection: Connection<String>) -> Self {
        Self(connection)
    }

    async fn message(&mut self, text: String) -> Result<(), SocketError> {
        self.0.send(&text).await
    }
}

/// A text within a message is JSON, like all of it.
#[websocket("/forms/list")]
async fn list(mut socket: Socket<Vec<String>, serde_json::Value>) -> Result<(), SocketError> {
    while let Some(texts) = socket.recv().await? {
        socket.send(&texts.into()).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Asked {
    id: Option<u64>,
    double: u64,
}

#[derive(Clone, Serialize, Message)]
struct Told {
    doubled: u64,
}

/// JSON and binary on one socket, and answers to what is asked.
#[websocket("/forms/mixed")]
async fn mixed(mut socket: Socket<Mixed<Asked>, Mixed<Told>>) -> Result<(), SocketError> {
    while let Some(message) = socket.recv().await? {
        match message {
            Mixed::Bytes(bytes) => {
                socket.send(&Mixed::Bytes(bytes.iter().rev().copied().collect())).await?;
            }
            Mixed::Message(Asked { id, double }) => {
                let told = Mixed::Message(Told { doubled: 2 * double });
                match id {
                    Some(id) => socket.reply(id, &told).await?,
                    None => socket.send(&told).await?,
                }
            }
        }
    }
    Ok(())
}

/// What has no fields cannot carry an id: nothing is sent, and the socket goes on.
#[websocket("/forms/no-reply")]
async fn no_reply(mut socket: Socket<String, String>) -> Result<(), SocketError> {
    while let Some(text) = socket.recv().await? {
        let refused = socket.reply(1, &text).await;
        assert!(matches!(refused, Err(SocketError::Encode(EncodeError::NoFields))));
        socket.send(&"refused".to_owned()).await?;
    }
    Ok(())
}

/// Looks like JSON, or like nothing.
const TEXTS: [&str; 9] = [
    "hello",
    "",
    "\"quoted\"",
    "5",
    "null",
    "{\"a\":1}",
    "{",
    "\u{feff}mark",
    "\\ud83d \u{1f600}\r\n",
];

fn server() -> Server {
    serve(|app| {
        app.service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

#[test]
fn a_text_is_itself_both_ways() {
    let server = server();
    for path in [string::path(), text::path(), Hooked::path()] {
        let mut socket = connect(&server, &path, None).unwrap();
        for text in TEXTS {
            socket.send(Sent::text(text)).unwrap();
            assert_eq!(socket.read().unwrap(), Sent::text(text), "{path}");
        }
        socket.send(Sent::binary(b"\"bytes\"".to_vec())).unwrap();
        assert_eq!(close_code(&mut socket), 1003, "{path}");
    }
}

#[test]
fn bytes_are_themselves_both_ways() {
    let server = server();
    for path in [octets::path(), binary::path()] {
        let mut socket = connect(&server, &path, None).unwrap();
        for bytes in [&b""[..], b"\xff\x00", b"[1,2]"] {
            socket.send(Sent::binary(bytes.to_vec())).unwrap();
            assert_eq!(socket.read().unwrap(), Sent::binary(bytes.to_vec()), "{path}");
        }
        socket.send(Sent::text("[1,2]")).unwrap();
        assert_eq!(close_code(&mut socket), 1003, "{path}");
    }
}

#[test]
fn all_else_is_json() {
    let server = server();
    let mut socket = connect(&server, list::ROUTE, None).unwrap();
    socket.send(Sent::text(r#"["a", "b"]"#)).unwrap();
    assert_eq!(socket.read().unwrap(), Sent::text(r#"["a","b"]"#));
    socket.send(Sent::text("a")).unwrap();
    assert_eq!(close_code(&mut socket), 1007);
}

#[test]
fn json_and_bytes_go_over_one_typed_socket_and_an_answer_has_the_id_of_the_question() {
    let server = server();
    let mut socket = connect(&server, mixed::ROUTE, None).unwrap();
    for (said, told) in [
        (Sent::text(r#"{"double":2}"#), Sent::text(r#"{"doubled":4}"#)),
        (Sent::binary(vec![1, 2, 3]), Sent::binary(vec![3, 2, 1])),
        (
            Sent::text(r#"{"double":3,"id":1840700270}"#),
            Sent::text(r#"{"id":1840700270,"doubled":6}"#),
        ),
    ] {
        socket.send(said).unwrap();
        assert_eq!(socket.read().unwrap(), told);
    }
    socket.send(Sent::text("no JSON")).unwrap();
    assert_eq!(close_code(&mut socket), 1007);

    let mut socket = connect(&server, no_reply::ROUTE, None).unwrap();
    socket.send(Sent::text("hello")).unwrap();
    assert_eq!(socket.read().unwrap(), Sent::text("refused"));
}
