//! permessage-deflate over real sockets: what is negotiated, and what is compressed of what goes out.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use ereo_runtime::prelude::*;
use ereo_runtime::websocket::frame::{Header, OpCode, Rsv};
use ereo_runtime::{Binary, Uncompressed};
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush};

use crate::SECONDS;
use crate::server::{Server, serve};

#[derive(Clone, Serialize, Message)]
#[serde(rename_all = "lowercase")]
enum Told {
    Said(String),
    Token(Uncompressed<String>),
}

/// Sends back, and to all, what it is told: `own X`, `all X`, `token X`.
async fn answer(
    mut socket: Socket<String, Told>,
    set: Data<ClientSet<Told>>,
) -> Result<(), SocketError> {
    let seat = set.join(&socket)?;
    while let Some(told) = socket.recv().await? {
        match told.split_once(' ') {
            Some(("own", text)) => socket.send(&Told::Said(text.to_owned())).await?,
            Some(("token", text)) => {
                seat.broadcast(&Told::Token(text.to_owned().into()))?;
            }
            _ => {
                seat.broadcast(&Told::Said(told))?;
            }
        }
    }
    Ok(())
}

#[websocket("/deflate/default", max_message = "1KiB")]
async fn by_default(
    socket: Socket<String, Told>,
    set: Data<ClientSet<Told>>,
) -> Result<(), SocketError> {
    answer(socket, set).await
}

#[websocket("/deflate/on", compression = "on", compression_threshold = "1B")]
async fn on(socket: Socket<String, Told>, set: Data<ClientSet<Told>>) -> Result<(), SocketError> {
    answer(socket, set).await
}

#[websocket("/deflate/off", compression = "off")]
async fn off(socket: Socket<String, Told>, set: Data<ClientSet<Told>>) -> Result<(), SocketError> {
    answer(socket, set).await
}

#[websocket("/deflate/raw")]
async fn raw(mut socket: Socket<Binary, Binary>) -> Result<(), SocketError> {
    while let Some(message) = socket.recv().await? {
        socket.send(&message).await?;
    }
    Ok(())
}

fn server() -> Server {
    let set = Data::new(ClientSet::<Told>::new());
    serve(move |app| {
        let routes = ereo_runtime::routes().expect("no two routes clash").only(module_path!());
        app.app_data(set.clone()).service(routes);
    })
}

struct Client {
    stream: TcpStream,
    /// The extension that the server agreed to.
    agreed: Option<String>,
    inflater: Box<InflateState>,
}

impl Client {
    fn connect(server: &Server, path: &str, offer: &str) -> Self {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(SECONDS)).unwrap();
        let extensions = match offer {
            "" => String::new(),
            offer => format!("sec-websocket-extensions: {offer}\r\n"),
        };
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extensions}\r\n",
            server.address,
        )
        .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        let mut agreed =
            head.lines().filter_map(|line| line.strip_prefix("sec-websocket-extensions: "));
        let agreed = agreed.next().map(str::to_owned);
        Self { stream, agreed, inflater: InflateState::new_boxed(DataFormat::Raw) }
    }

    fn send(&mut self, rsv: Rsv, opcode: OpCode, payload: &[u8]) {
        let mut out = bytes::BytesMut::new();
        let length = payload.len() as u64;
        Header { fin: true, rsv, opcode, mask: Some([0; 4]), length }.write(&mut out);
        out.extend_from_slice(payload);
        self.stream.write_all(&out).unwrap();
    }

    fn tell(&mut self, text: &str) {
        self.send(Rsv::NONE, OpCode::Text, text.as_bytes());
    }

    /// The next frame as it came.
    fn frame(&mut self) -> (Header, Vec<u8>) {
        let mut head = vec![0; 2];
        self.stream.read_exact(&mut head).unwrap();
        let size = Header::size([head[0], head[1]]);
        head.resize(size, 0);
        self.stream.read_exact(&mut head[2..]).unwrap();
        let (header, _) = Header::parse(&head).unwrap().unwrap();
        let mut payload = vec![0; header.length as usize];
        self.stream.read_exact(&mut payload).unwrap();
        (header, payload)
    }

    /// The next message, and whether it came compressed.
    fn next(&mut self) -> (bool, String) {
        let (header, mut payload) = self.frame();
        assert_eq!(header.opcode, OpCode::Text, "{payload:?}");
        let compressed = header.rsv == Rsv::RSV1;
        if compressed {
            payload.extend([0, 0, 0xff, 0xff]);
            let mut out = vec![0; 1 << 20];
            let done = inflate(&mut self.inflater, &payload, &mut out, MZFlush::Sync);
            done.status.expect("the client understands");
            out.truncate(done.bytes_written);
            payload = out;
        }
        let said = String::from_utf8(payload).unwrap();
        (compressed, said)
    }

    fn close_code(&mut self) -> u16 {
        let (header, payload) = self.frame();
        assert_eq!(header.opcode, OpCode::Close);
        u16::from_be_bytes([payload[0], payload[1]])
    }
}

fn said(text: &str) -> String {
    format!(r#"{{"said":{text:?}}}"#)
}

#[test]
fn the_key_decides_what_is_negotiated() {
    let server = server();
    let agreed = |path: &str, offer: &str| Client::connect(&server, path, offer).agreed;
    let chromium = "permessage-deflate; client_max_window_bits";
    let alone = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    assert_eq!(agreed(by_default::ROUTE, chromium).as_deref(), Some(alone));
    let context = "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12";
    assert_eq!(agreed(on::ROUTE, chromium).as_deref(), Some(context));
    assert_eq!(agreed(off::ROUTE, chromium), None);
    assert_eq!(agreed(on::ROUTE, ""), None);
    assert_eq!(agreed(on::ROUTE, "permessage-deflate; server_max_window_bits=8"), None);
}

#[test]
fn a_broadcast_is_compressed_for_those_who_read_it_so() {
    let server = server();
    let connect = |offer| Client::connect(&server, by_default::ROUTE, offer);
    let mut clients = [
        connect("permessage-deflate"),
        connect("permessage-deflate; server_max_window_bits=9"),
        connect(""),
    ];
    let text = "all of it, and once more ".repeat(30);
    clients[0].tell(&text);
    let frames: Vec<_> = clients.iter_mut().map(Client::next).collect();
    for ((compressed, heard), expected) in frames.into_iter().zip([true, true, false]) {
        assert_eq!((compressed, heard), (expected, said(&text)));
    }
    // What is short, what is marked and what is sent to one client alone goes as it is.
    for (told, heard) in [
        ("short".to_owned(), said("short")),
        (format!("token {text}"), format!(r#"{{"token":{text:?}}}"#)),
    ] {
        clients[0].tell(&told);
        for client in &mut clients {
            assert_eq!(client.next(), (false, heard.clone()));
        }
    }
    clients[0].tell(&format!("own {text}"));
    assert_eq!(clients[0].next(), (false, said(&text)));
}

#[test]
fn with_context_broadcasts_and_answers_are_one_stream() {
    let server = server();
    let mut other = Client::connect(&server, by_default::ROUTE, "permessage-deflate");
    let mut client = Client::connect(&server, on::ROUTE, "permessage-deflate");
    for round in 0..50 {
        let text = format!("round {round}");
        client.tell(&format!("own {text}"));
        assert_eq!(client.next(), (true, said(&text)));
        other.tell(&text);
        assert_eq!(client.next(), (true, said(&text)));
        assert_eq!(other.next(), (false, said(&text)));
        client.tell(&format!("token {text}"));
        let token = format!(r#"{{"token":{text:?}}}"#);
        assert_eq!(client.next(), (false, token.clone()));
        assert_eq!(other.next(), (false, token));
    }
}

#[test]
fn compressed_messages_are_read_and_bad_ones_end_the_connection() {
    let server = server();
    let compress = |message: &[u8]| {
        let mut out = miniz_oxide::deflate::compress_to_vec(message, 6);
        // A last block, as compressors without a flush write it (RFC 7692 section 7.2.3.4).
        out.push(0);
        out
    };
    let mut echo = Client::connect(&server, raw::ROUTE, "permessage-deflate");
    let message = b"0123456789".repeat(1000);
    echo.send(Rsv::RSV1, OpCode::Binary, &compress(&message));
    assert_eq!(echo.frame().1, message);

    let mut bomb = Client::connect(&server, by_default::ROUTE, "permessage-deflate");
    bomb.send(Rsv::RSV1, OpCode::Text, &compress(&[b' '; 100_000]));
    assert_eq!(bomb.close_code(), 1009);

    let mut corrupt = Client::connect(&server, by_default::ROUTE, "permessage-deflate");
    corrupt.send(Rsv::RSV1, OpCode::Text, b"\xff\xff\xff");
    assert_eq!(corrupt.close_code(), 1007);

    let mut unasked = Client::connect(&server, off::ROUTE, "permessage-deflate");
    unasked.send(Rsv::RSV1, OpCode::Text, &compress(b"hello"));
    assert_eq!(unasked.close_code(), 1002);
    // The others go on.
    echo.send(Rsv::NONE, OpCode::Binary, b"still here");
    assert_eq!(echo.frame().1, b"still here");
}
