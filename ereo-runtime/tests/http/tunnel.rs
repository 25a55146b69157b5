//! Behind a 101 there are frames, on every path: no HTTP is read there, and none is answered. What
//! could make it otherwise is refused before.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use ereo_runtime::{Binary, Socket, SocketError, websocket};

use crate::support::server::{Over, Server, serve_over};
use crate::support::{serve, tls};

/// Answers what it is sent.
#[websocket("/tunnel/echo")]
async fn echo(mut socket: Socket<Binary, Binary>) -> Result<(), SocketError> {
    while let Some(message) = socket.recv().await? {
        socket.send(&message).await?;
    }
    Ok(())
}

/// Returns at once: 1000.
#[websocket("/tunnel/bye")]
async fn bye(_: Socket<Binary, Binary>) {}

/// Returns while a megabyte is under way.
#[websocket("/tunnel/flood")]
async fn flood(socket: Socket<Binary, Binary>) -> Result<(), SocketError> {
    for _ in 0..16 {
        socket.send(&Binary(vec![0x5a; 64 << 10].into())).await?;
    }
    Ok(())
}

/// What nobody may get to through a tunnel.
async fn secret() -> HttpResponse {
    HttpResponse::Ok().body("SECRET")
}

fn configure(app: &mut ServiceConfig) {
    app.route("/tunnel/secret", web::get().to(secret))
        .service(ereo_runtime::routes().unwrap().only(module_path!()));
}

fn over_tls() -> Server {
    serve_over(Over::Tls, 1, 25_000, Duration::from_secs(10), |realtime| realtime, configure)
}

const SECRET: &str = "GET /tunnel/secret HTTP/1.1\r\nhost: internal\r\n\r\n";

/// The upgrade with these header lines, each with its CRLF, in place of the `upgrade` if there is one.
fn upgrade(path: &str, headers: &str) -> String {
    let lower = headers.to_ascii_lowercase();
    let upgrade = if lower.contains("upgrade:") { "" } else { "upgrade: websocket\r\n" };
    format!(
        "GET {path} HTTP/1.1\r\nhost: test\r\n{upgrade}connection: upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}

/// A masked frame, with a key of zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0][..], payload].concat()
}

trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

fn tcp(server: &Server) -> Box<dyn Stream> {
    let socket = TcpStream::connect(server.address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    Box::new(socket)
}

fn secured(server: &Server) -> Box<dyn Stream> {
    let socket = TcpStream::connect(server.address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    Box::new(tls::client(socket))
}

const CLOSED: [io::ErrorKind; 3] =
    [io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe, io::ErrorKind::UnexpectedEof];

/// Everything until the server has closed the connection, which it must.
fn rest(stream: &mut dyn Stream) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buffer = [0; 16 << 10];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return all,
            Ok(read) => all.extend_from_slice(&buffer[..read]),
            // What it had not read of ours makes the kernel reset the connection, and TLS has had no
            // farewell then.
            Err(error) if CLOSED.contains(&error.kind()) => return all,
            Err(error) => panic!("the server does not close: {error}, after {:?}", text(&all)),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Asserts a 101 and that frames alone follow; they, as opcode and payload.
fn frames(answer: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    let (head, mut bytes) = answer.split_at(end);
    let head = text(head);
    // A 100 may come before it (RFC 9110 section 7.8), and then that is all it is.
    if head == "HTTP/1.1 100 Continue\r\n\r\n" {
        return frames(bytes);
    }
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(!head.to_ascii_lowercase().contains("transfer-encoding"), "{head}");
    let mut frames = Vec::new();
    while let [first, second, tail @ ..] = bytes {
        assert_eq!(first & 0x70, 0, "no frame: {:?}", text(bytes));
        let (length, tail) = match second {
            126 => (usize::from(u16::from_be_bytes([tail[0], tail[1]])), &tail[2..]),
            127 => (
                usize::try_from(u64::from_be_bytes(tail[..8].try_into().unwrap())).unwrap(),
                &tail[8..],
            ),
            short => (usize::from(*short), tail),
        };
        assert!(length <= tail.len(), "no frame: {:?}", text(bytes));
        frames.push((first & 0x0f, tail[..length].to_vec()));
        bytes = &tail[length..];
    }
    assert!(bytes.is_empty(), "no frame: {bytes:?}");
    frames
}

/// The close code that is the last thing said.
fn closed(frames: &[(u8, Vec<u8>)]) -> u16 {
    let (opcode, payload) = frames.last().expect("a close frame");
    assert_eq!(*opcode, 8, "{frames:?}");
    u16::from_be_bytes([payload[0], payload[1]])
}

/// How a client says that a body follows, or in another way that what follows is HTTP, and the body.
const BODIES: &[(&str, &str)] = &[
    ("transfer-encoding: chunked\r\n", "0\r\n\r\n"),
    ("Transfer-Encoding: CHUNKED\r\n", "5\r\nhello\r\n0\r\n\r\n"),
    ("transfer-encoding:\t chunked \t\r\n", "0\r\n\r\n"),
    ("transfer-encoding:chunked\r\n", "0\r\n\r\n"),
    ("transfer-encoding: gzip, chunked\r\n", "0\r\n\r\n"),
    ("transfer-encoding: chunked, chunked\r\n", "0\r\n\r\n"),
    ("transfer-encoding: chunked, identity\r\n", "0\r\n\r\n"),
    ("transfer-encoding: ,chunked\r\n", "0\r\n\r\n"),
    ("transfer-encoding: \"chunked\"\r\n", "0\r\n\r\n"),
    ("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"),
    ("transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"),
    ("transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n", "0\r\n\r\n"),
    ("transfer-encoding: identity\r\n", ""),
    ("transfer-encoding: gzip\r\n", ""),
    ("transfer-encoding: xchunked\r\n", "0\r\n\r\n"),
    ("transfer-encoding: chunked;q=1\r\n", "0\r\n\r\n"),
    ("transfer-encoding:\r\n", ""),
    ("transfer-encoding : chunked\r\n", "0\r\n\r\n"),
    ("transfer-encoding:\r\n chunked\r\n", "0\r\n\r\n"),
    ("content-length: 5\r\n", "hello"),
    ("Content-Length:1\r\n", "x"),
    ("content-length: 00005\r\n", "hello"),
    ("content-length: +0\r\n", ""),
    ("content-length: -1\r\n", ""),
    ("content-length: 0x5\r\n", "hello"),
    ("content-length: 0, 0\r\n", ""),
    ("content-length: 0\r\ncontent-length: 5\r\n", "hello"),
    ("content-length: 5\r\ncontent-length: 5\r\n", "hello"),
    ("content-length: 99999999999999999999\r\n", ""),
    ("content-length:\r\n", ""),
    ("content-length: 5\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"),
    ("transfer-encoding: chunked\r\ncontent-length: 0\r\n", "0\r\n\r\n"),
    ("expect: 100-continue\r\ncontent-length: 5\r\n", "hello"),
    ("expect: 100-continue\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"),
    // Protocols that actix does not switch to: for it a plain request.
    ("upgrade: websocket, h2c\r\n", ""),
    ("upgrade: h2c, websocket\r\n", ""),
    ("upgrade: websocket/13\r\n", ""),
    ("upgrade: xwebsocketx\r\ncontent-length: 5\r\n", "hello"),
    ("upgrade: websocket,\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"),
];

fn assert_no_tunnel(stream: &mut dyn Stream, request: &str) {
    stream.write_all(request.as_bytes()).unwrap();
    let answer = text(&rest(stream));
    let answer = answer.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&answer);
    let refused = answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.0 400 ");
    assert!(refused, "{request:?}: {answer:?}");
    assert_eq!(answer.matches("HTTP/1.").count(), 1, "{request:?}: {answer:?}");
    assert!(!answer.contains("SECRET"), "{request:?}: {answer:?}");
}

#[test]
fn an_upgrade_with_a_body_is_400_and_nothing_behind_it_is_answered() {
    let server = serve(configure);
    std::thread::scope(|scope| {
        for (headers, body) in BODIES {
            let server = &server;
            scope.spawn(move || {
                let request = upgrade("/tunnel/echo", headers) + body + SECRET;
                assert_no_tunnel(&mut *tcp(server), &request);
                // The client waits for the answer, and then goes on.
                let mut slow = tcp(server);
                slow.write_all(upgrade("/tunnel/echo", headers).as_bytes()).unwrap();
                slow.write_all(body.as_bytes()).unwrap();
                std::thread::sleep(Duration::from_millis(50));
                let _ = slow.write_all(SECRET.as_bytes());
                let answer = text(&rest(&mut *slow));
                assert!(!answer.contains("SECRET") && !answer.contains(" 101 "), "{answer:?}");
            });
        }
    });
}

#[test]
fn an_upgrade_of_another_version_of_http_is_400() {
    let server = serve(configure);
    let old = upgrade("/tunnel/echo", "").replace("HTTP/1.1", "HTTP/1.0");
    assert_no_tunnel(&mut *tcp(&server), &(old + SECRET));
}

/// They are no body, and nothing of HTTP is read behind them either.
const NO_BODIES: &[&str] = &[
    "",
    "content-length: 0\r\n",
    "expect: 100-continue\r\n",
    "te: trailers, chunked\r\ntrailer: x\r\n",
    "upgrade: WebSocket\r\n",
    "upgrade: \t websocket \r\n",
    "upgrade: websocket\r\nupgrade: h2c\r\n",
    "upgrade: h2c+websocket\r\nupgrade: websocket\r\n",
];

/// Frames first, then HTTP.
fn assert_tunnel(stream: &mut dyn Stream, headers: &str) {
    let mut request = upgrade("/tunnel/echo", headers).into_bytes();
    request.extend(frame(0x82, b"one"));
    request.extend(frame(0x82, b"0\r\n\r\n"));
    request.extend(SECRET.as_bytes());
    stream.write_all(&request).unwrap();
    let frames = frames(&rest(stream));
    assert_eq!(frames[..2], [(2, b"one".to_vec()), (2, b"0\r\n\r\n".to_vec())], "{headers:?}");
    assert_eq!((frames.len(), closed(&frames)), (3, 1002), "{headers:?}");
}

/// HTTP at once.
fn assert_nothing_behind_the_upgrade(stream: &mut dyn Stream) {
    stream.write_all((upgrade("/tunnel/echo", "") + SECRET).as_bytes()).unwrap();
    let frames = frames(&rest(stream));
    assert_eq!((frames.len(), closed(&frames)), (1, 1002));
}

/// An upgrade that waits behind another request is one all the same, and so is what follows it.
fn assert_tunnel_behind_a_request(stream: &mut dyn Stream) {
    let mut requests = (SECRET.to_owned() + &upgrade("/tunnel/echo", "")).into_bytes();
    requests.extend(frame(0x82, b"one"));
    requests.extend(SECRET.as_bytes());
    stream.write_all(&requests).unwrap();
    let all = rest(stream);
    let end = all.windows(6).position(|six| six == b"SECRET").unwrap() + 6;
    assert!(all.starts_with(b"HTTP/1.1 200 "), "{:?}", text(&all));
    let frames = frames(&all[end..]);
    assert_eq!((frames.len(), &*frames[0].1, closed(&frames)), (2, &b"one"[..], 1002));
}

/// The server has ended the connection, as far as it is up to it.
fn assert_nothing_behind_the_end(stream: &mut dyn Stream, path: &str, answers: bool) {
    stream.write_all(upgrade(path, "").as_bytes()).unwrap();
    let mut read = Vec::new();
    let mut buffer = [0; 16 << 10];
    while !read.ends_with(b"\x88\x02\x03\xe8") {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "{:?}", text(&read));
        read.extend_from_slice(&buffer[..count]);
    }
    if answers {
        stream.write_all(&frame(0x88, &[3, 0xe8])).unwrap();
    }
    // It may have closed by then.
    let _ = stream.write_all(SECRET.as_bytes());
    read.extend(rest(stream));
    let frames = frames(&read);
    assert_eq!(closed(&frames), 1000);
    assert!(frames[..frames.len() - 1].iter().all(|(opcode, _)| *opcode == 2));
}

/// HTTP comes while frames are on their way out, and more than the buffers hold.
fn assert_nothing_among_messages(stream: &mut dyn Stream) {
    stream.write_all(upgrade("/tunnel/flood", "").as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    stream.write_all(SECRET.as_bytes()).unwrap();
    let frames = frames(&rest(stream));
    assert!([1000, 1002].contains(&closed(&frames)), "{:?}", closed(&frames));
}

fn assert_all(server: &Server, connect: fn(&Server) -> Box<dyn Stream>) {
    std::thread::scope(|scope| {
        for headers in NO_BODIES {
            scope.spawn(|| assert_tunnel(&mut *connect(server), headers));
        }
        scope.spawn(|| assert_nothing_behind_the_upgrade(&mut *connect(server)));
        scope.spawn(|| assert_tunnel_behind_a_request(&mut *connect(server)));
        for path in ["/tunnel/bye", "/tunnel/flood"] {
            for answers in [true, false] {
                scope.spawn(move || {
                    assert_nothing_behind_the_end(&mut *connect(server), path, answers);
                });
            }
        }
        scope.spawn(|| assert_nothing_among_messages(&mut *connect(server)));
    });
}

#[test]
fn behind_a_101_no_http_is_read_or_answered() {
    assert_all(&serve(configure), tcp);
}

#[test]
fn nor_over_tls() {
    let server = over_tls();
    assert_all(&server, secured);
    for (headers, body) in [BODIES[0], BODIES[19], BODIES[34]] {
        assert_no_tunnel(
            &mut *secured(&server),
            &(upgrade("/tunnel/echo", headers) + body + SECRET),
        );
    }
}
