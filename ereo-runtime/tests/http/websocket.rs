//! WebSockets over real sockets; the client's frames are another implementation's, or made by hand.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use ereo_runtime::Payload;
use ereo_runtime::websocket::{self, CloseReason, Hooks, Options, Socket, SocketError, Text};
use tungstenite::protocol::{CloseFrame, Role};
use tungstenite::{Message, WebSocket};

use crate::support::{Server, serve_with};

const SECOND: Duration = Duration::from_secs(1);

/// What the handlers tell the test.
#[derive(Clone)]
struct Told {
    ended: mpsc::SyncSender<CloseReason>,
    sent: &'static AtomicUsize,
}

struct Echo {
    connection: websocket::Connection<Payload>,
    told: Data<Told>,
}

impl Hooks<Payload> for Echo {
    async fn message(&mut self, message: Payload) -> Result<(), SocketError> {
        if message == Payload::Text("panic".into()) {
            panic!("on purpose");
        }
        self.connection.send(&message).await
    }

    async fn close(self, reason: CloseReason) {
        self.told.ended.send(reason).unwrap();
    }
}

type Answer = Result<HttpResponse, websocket::HandshakeError>;

async fn echo(request: HttpRequest, payload: web::Payload, told: Data<Told>) -> Answer {
    let options = Options::default().max_message(4 << 20).idle(Some(2 * SECOND));
    let upgrade = websocket::accept(&request, options)?;
    let hooks = Echo { connection: upgrade.connection(), told };
    Ok(upgrade.serve_hooks(payload.into_inner(), hooks))
}

/// Sends as much as it may.
async fn flood(request: HttpRequest, payload: web::Payload, told: Data<Told>) -> Answer {
    let upgrade = websocket::accept(&request, Options::default().idle(Some(2 * SECOND)))?;
    let handler = move |socket: Socket<Payload, Text>| async move {
        let message = Text("x".repeat(64 << 10).into());
        while socket.send(&message).await.is_ok() {
            told.sent.fetch_add(1, Ordering::Relaxed);
        }
        told.ended.send(socket.reason().unwrap()).unwrap();
    };
    Ok(upgrade.serve(payload.into_inner(), handler))
}

fn server() -> (Server, mpsc::Receiver<CloseReason>, &'static AtomicUsize) {
    let (ended, ends) = mpsc::sync_channel(1000);
    let sent: &'static AtomicUsize = Box::leak(Box::new(AtomicUsize::new(0)));
    let told = Data::new(Told { ended, sent });
    let server = serve_with(1, 10 * SECOND, move |app| {
        app.app_data(told.clone())
            .route("/echo", web::get().to(echo))
            .route("/flood", web::get().to(flood));
    });
    (server, ends, sent)
}

const HANDSHAKE: &str = "host: app.example\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Sends a request and reads the head of the answer.
fn request(address: SocketAddr, path: &str, headers: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(10 * SECOND)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\n{headers}\r\n").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "the head ended: {head:?}");
        head.push(byte[0]);
    }
    (stream, String::from_utf8(head).unwrap().to_ascii_lowercase())
}

fn open(address: SocketAddr, path: &str) -> TcpStream {
    let headers = format!("{HANDSHAKE}sec-websocket-version: 13\r\n");
    let (stream, head) = request(address, path, &headers);
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"), "{head}");
    stream
}

fn connect(address: SocketAddr, path: &str) -> WebSocket<TcpStream> {
    WebSocket::from_raw_socket(open(address, path), Role::Client, None)
}

fn close_of(message: Message) -> (u16, String) {
    match message {
        Message::Close(Some(CloseFrame { code, reason })) => (code.into(), reason.to_string()),
        other => panic!("a close frame was expected, not {other:?}"),
    }
}

/// Reads up to the close frame, on a connection that may hold other frames before it.
fn read_close(stream: &mut TcpStream) -> u16 {
    let mut head = [0; 4];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(head[0], 0x88, "{head:?}");
    u16::from_be_bytes([head[2], head[3]])
}

#[test]
fn failed_handshakes_are_http_answers() {
    let (server, ..) = server();
    let status = |headers: String| {
        let (_, head) = request(server.address, "/echo", &headers);
        (head.split(' ').nth(1).unwrap().to_owned(), head)
    };
    assert_eq!(status("host: app.example\r\n".into()).0, "400");
    let (code, head) = status(format!("{HANDSHAKE}sec-websocket-version: 8\r\n"));
    assert_eq!(code, "426");
    assert!(head.contains("sec-websocket-version: 13\r\n"), "{head}");
    let foreign = "sec-websocket-version: 13\r\norigin: https://evil.example\r\n";
    assert_eq!(status(format!("{HANDSHAKE}{foreign}")).0, "403");
    let own = "sec-websocket-version: 13\r\norigin: https://app.example\r\n";
    assert_eq!(status(format!("{HANDSHAKE}{own}")).0, "101");
}

#[test]
fn two_thousand_messages_and_a_large_one_come_back_in_order() {
    let (server, ends, _) = server();
    let mut socket = connect(server.address, "/echo");
    for i in 0..2000 {
        socket.write(Message::text(i.to_string())).unwrap();
        if i % 100 == 99 {
            socket.flush().unwrap();
            for back in i - 99..=i {
                assert_eq!(socket.read().unwrap(), Message::text(back.to_string()));
            }
        }
    }
    let large = Message::binary(vec![7; 3 << 20]);
    socket.send(large.clone()).unwrap();
    assert_eq!(socket.read().unwrap(), large);
    socket.close(None).unwrap();
    assert_eq!(socket.read().unwrap(), Message::Close(None));
    // The server closes below, as section 7.1.1 wants it.
    let begin = Instant::now();
    assert_eq!(socket.get_mut().read(&mut [0]).unwrap(), 0);
    assert!(begin.elapsed() < 5 * SECOND);
    assert!(matches!(ends.recv_timeout(10 * SECOND).unwrap(), CloseReason::Peer { .. }));
}

#[test]
fn a_declared_gigabyte_is_refused_at_its_header() {
    let (server, ends, _) = server();
    let mut stream = open(server.address, "/echo");
    stream.write_all(&[0x82, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4]).unwrap();
    assert_eq!(read_close(&mut stream), 1009);
    assert_eq!(ends.recv_timeout(10 * SECOND).unwrap(), CloseReason::TooBig { limit: 4 << 20 });
}

#[test]
fn invalid_text_is_refused_before_its_frame_is_whole() {
    let (server, ends, _) = server();
    let mut stream = open(server.address, "/echo");
    // 100 bytes are declared, two are sent.
    stream.write_all(&[0x81, 0x80 | 100, 0, 0, 0, 0, b'a', 0xff]).unwrap();
    assert_eq!(read_close(&mut stream), 1007);
    assert_eq!(ends.recv_timeout(10 * SECOND).unwrap(), CloseReason::InvalidUtf8);
    let mut stream = open(server.address, "/echo");
    stream.write_all(&[0x81, 1, b'a']).unwrap();
    assert_eq!(read_close(&mut stream), 1002);
    assert!(matches!(ends.recv_timeout(10 * SECOND).unwrap(), CloseReason::Protocol(_)));
}

#[test]
fn a_panic_closes_one_connection_only() {
    let (server, ends, _) = server();
    let mut other = connect(server.address, "/echo");
    let mut socket = connect(server.address, "/echo");
    socket.send(Message::text("panic")).unwrap();
    assert_eq!(close_of(socket.read().unwrap()), (1011, "internal error".to_owned()));
    assert_eq!(ends.recv_timeout(10 * SECOND).unwrap(), CloseReason::Panicked);
    other.send(Message::text("still here")).unwrap();
    assert_eq!(other.read().unwrap(), Message::text("still here"));
}

#[test]
fn peers_that_leave_without_a_close_are_seen_at_once() {
    let (server, ends, _) = server();
    for reset in [false, true] {
        let stream = open(server.address, "/echo");
        if reset {
            socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
        }
        let begin = Instant::now();
        drop(stream);
        assert_eq!(ends.recv_timeout(10 * SECOND).unwrap(), CloseReason::Vanished);
        assert!(begin.elapsed() < SECOND, "{:?}", begin.elapsed());
    }
}

#[test]
fn a_peer_that_neither_answers_nor_closes_is_given_up() {
    let (server, ends, _) = server();
    let mut stream = open(server.address, "/echo");
    assert_eq!(ends.recv_timeout(10 * SECOND).unwrap(), CloseReason::Idle);
    let mut ping = [0; 2];
    stream.read_exact(&mut ping).unwrap();
    assert_eq!(ping, [0x89, 0], "it was asked before it was given up");
    assert_eq!(read_close(&mut stream), 1001);
    assert!(stream.read(&mut [0; 200]).unwrap() > 0, "the reason");
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_stalled_reader_holds_up_its_own_handler_only() {
    let (server, ends, sent) = server();
    let mut stalled = open(server.address, "/flood");
    let mut other = connect(server.address, "/echo");
    // Until the socket's buffers, actix's and the mailbox are full.
    let mut before = usize::MAX;
    while before != sent.load(Ordering::Relaxed) {
        before = sent.load(Ordering::Relaxed);
        // Each answer gave the server's one worker a turn in which it would have sent more.
        for _ in 0..200 {
            other.send(Message::text("tick")).unwrap();
            assert_eq!(other.read().unwrap(), Message::text("tick"));
        }
    }
    assert!(before < 500, "{before} frames of 64 KiB are not backpressure");
    // Reading again, it gets more.
    let mut buffer = vec![0; 1 << 20];
    for _ in 0..20 {
        stalled.read_exact(&mut buffer).unwrap();
    }
    assert!(sent.load(Ordering::Relaxed) > before);
    // Not reading and not answering for good, its handler ends though actix cannot write.
    assert_eq!(ends.recv_timeout(10 * SECOND).unwrap(), CloseReason::Idle);
}

#[test]
fn a_drain_closes_with_1012_and_says_when_to_come_back() {
    let (mut server, ends, _) = server();
    let mut sockets: Vec<_> = (0..20).map(|_| connect(server.address, "/echo")).collect();
    for socket in &mut sockets {
        socket.send(Message::text("hello")).unwrap();
        assert_eq!(socket.read().unwrap(), Message::text("hello"));
    }
    let begin = Instant::now();
    server.begin_drain();
    let mut hints = Vec::new();
    for socket in &mut sockets {
        let (code, reason) = close_of(socket.read().unwrap());
        assert_eq!(code, 1012);
        let hint = reason.strip_prefix("the server restarts; retry in ").expect(&reason);
        hints.push(hint.strip_suffix(" ms").expect(&reason).parse::<u32>().unwrap());
        // Sends the answer that was queued.
        let _ = socket.flush();
    }
    server.drain();
    assert!(begin.elapsed() < 8 * SECOND, "{:?}", begin.elapsed());
    hints.sort_unstable();
    hints.dedup();
    assert!(hints.len() > 5 && hints.iter().all(|hint| *hint <= 3000), "{hints:?}");
    for _ in 0..20 {
        assert_eq!(ends.recv_timeout(SECOND).unwrap(), CloseReason::Drain);
    }
}
