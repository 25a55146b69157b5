//! What could go wrong where a stream leaves actix's dispatcher. All other tests run on both paths
//! (`LEAN=off`); here the socket is made to be in the way.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{self, Data, ServiceConfig};
use ereo_runtime::{ClientSet, LastEventId, Socket, SocketError, Subscription, sse, websocket};

use crate::support::server::{lean, serve_few};
use crate::support::{Client, Server, serve};

#[sse("/lean/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[websocket("/lean/echo", max_message = "1MiB")]
async fn echo(
    mut socket: Socket<ereo_runtime::Binary, ereo_runtime::Binary>,
) -> Result<(), SocketError> {
    while let Some(message) = socket.recv().await? {
        socket.send(&message).await?;
    }
    Ok(())
}

/// Its second item is a panic, once the first is on its way.
#[sse("/lean/panics", heartbeat = "off")]
async fn panics() -> impl futures_util::Stream<Item = String> {
    futures_util::stream::unfold(0, |asked| async move {
        if asked == 1 {
            tokio::task::yield_now().await;
            panic!("on purpose");
        }
        Some(("one".to_owned(), asked + 1))
    })
}

/// More than both sides' buffers hold.
const BIG: usize = 32 << 20;

async fn big() -> HttpResponse {
    HttpResponse::Ok().body("b".repeat(BIG))
}

fn server(set: &ClientSet<String>) -> Server {
    serve(routes(set))
}

fn routes(set: &ClientSet<String>) -> impl Fn(&mut ServiceConfig) + Send + Clone + 'static {
    let data = Data::new(set.clone());
    move |app| {
        app.app_data(data.clone())
            .route("/lean/big", web::get().to(big))
            .service(ereo_runtime::routes().unwrap().only(module_path!()));
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket
}

/// Reads up to and with `end`.
fn read_to(socket: &mut TcpStream, end: &str) -> String {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(end.as_bytes()) {
        socket.read_exact(&mut byte).unwrap();
        read.push(byte[0]);
    }
    String::from_utf8(read).unwrap()
}

/// The hand-over must wait until a response that the client did not read yet, and the head behind it,
/// are out of actix's hands.
#[test]
fn a_stream_that_was_pipelined_behind_a_large_response_begins_behind_it() {
    let set = ClientSet::new();
    let server = server(&set);
    let mut socket = connect(server.address);
    let get = |path| format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n");
    write!(socket, "{}{}", get("/lean/big"), get("/lean/feed")).unwrap();
    let head = read_to(&mut socket, "\r\n\r\n");
    assert!(head.contains(&format!("content-length: {BIG}\r\n")), "{head}");
    let mut body = vec![0; BIG];
    socket.read_exact(&mut body).unwrap();
    assert!(body.iter().all(|byte| *byte == b'b'));
    let head = read_to(&mut socket, "\r\n\r\n");
    assert!(
        head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("text/event-stream"),
        "{head}"
    );
    read_to(&mut socket, "\n\n");
    set.broadcast(&"first".to_owned()).unwrap();
    read_to(&mut socket, "data: first\n");
}

/// The frames that came together with the request are in actix's hands when the socket is taken over,
/// or not read by it at all.
#[test]
fn frames_that_came_with_the_request_are_read_in_their_order() {
    let server = server(&ClientSet::new());
    for frames in [0_usize, 1, 3, 40, 700] {
        let mut socket = connect(server.address);
        let mut sent = b"GET /lean/echo HTTP/1.1\r\nhost: test\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
            sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            .to_vec();
        for n in 0..frames {
            // A masked binary frame of 100 bytes, with a key of zeros.
            sent.extend([0x82, 0x80 | 100, 0, 0, 0, 0]);
            sent.extend([n as u8; 100]);
        }
        socket.write_all(&sent).unwrap();
        let head = read_to(&mut socket, "\r\n\r\n");
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        for n in 0..frames + 1 {
            if n == frames {
                socket.write_all(&[0x82, 0x80 | 1, 0, 0, 0, 0, 7]).unwrap();
                let mut frame = [0; 3];
                socket.read_exact(&mut frame).unwrap();
                assert_eq!(frame, [0x82, 1, 7]);
            } else {
                let mut frame = [0; 102];
                socket.read_exact(&mut frame).unwrap();
                assert_eq!(frame[..2], [0x82, 100]);
                assert!(frame[2..].iter().all(|byte| *byte == n as u8), "frame {n} of {frames}");
            }
        }
    }
}

/// A close of the client's is answered, and the server closes its side.
#[test]
fn a_closed_socket_ends_with_a_fin() {
    let server = server(&ClientSet::new());
    let mut socket = connect(server.address);
    socket
        .write_all(
            b"GET /lean/echo HTTP/1.1\r\nhost: test\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
            sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .unwrap();
    read_to(&mut socket, "\r\n\r\n");
    socket.write_all(&[0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]).unwrap();
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, [0x88, 2, 0x03, 0xe8]);
}

/// Whoever writes sees the client leave.
#[test]
fn a_client_that_leaves_or_resets_leaves_its_set() {
    let set = ClientSet::new();
    let server = server(&set);
    let leave: [fn(Client) -> Option<TcpStream>; 3] = [
        |client| {
            client.leave();
            None
        },
        |client| {
            client.reset();
            None
        },
        |client| Some(client.half_close()),
    ];
    for leave in leave {
        let mut client = Client::get(server.address, "/lean/feed");
        client.read_until(|client| client.events.retry.is_some());
        set.broadcast(&"x".to_owned()).unwrap();
        assert_eq!(client.data(), "x");
        assert_eq!(set.len(), 1);
        let _held = leave(client);
        while !set.is_empty() {
            std::thread::yield_now();
        }
    }
}

/// Cut, and not ended: a client must not take what it got for all.
#[test]
fn a_stream_that_panics_has_no_last_chunk() {
    let server = server(&ClientSet::new());
    let mut socket = connect(server.address);
    socket.write_all(b"GET /lean/panics HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
    let mut all = Vec::new();
    // Cut by a FIN or a RST.
    let _ = socket.read_to_end(&mut all);
    let all = String::from_utf8(all).unwrap();
    assert!(all.starts_with("HTTP/1.1 200 OK\r\n") && all.contains("data: one\n"), "{all}");
    assert!(!all.contains("\r\n0\r\n"), "{all}");
}

/// Through actix the connection goes on behind the end of a stream. On the lean path nobody would read
/// the next request, so the head says that it closes, and it does.
#[test]
fn behind_the_end_of_a_stream_the_connection_does_what_its_head_said() {
    #[sse("/lean/short")]
    async fn short() -> impl futures_util::Stream<Item = String> {
        futures_util::stream::iter(["one".to_owned(), "two".to_owned()])
    }
    let server = serve(|app| {
        app.service(ereo_runtime::routes().unwrap().only(module_path!()));
    });
    let mut socket = connect(server.address);
    let closes = lean();
    for _ in 0..if closes { 1 } else { 3 } {
        socket.write_all(b"GET /lean/short HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
        let head = read_to(&mut socket, "\r\n\r\n");
        assert!(head.contains("transfer-encoding: chunked"), "{head}");
        assert_eq!(head.contains("connection: close"), closes, "{head}");
        let body = read_to(&mut socket, "\r\n0\r\n\r\n");
        assert!(body.contains("data: one\n") && body.contains("data: two\n"), "{body}");
    }
    if !closes {
        socket.shutdown(Shutdown::Write).unwrap();
    }
    assert_eq!(socket.read(&mut [0]).unwrap(), 0);
}

/// A client that sends what nobody will read is not buffered, and does not go on for ever.
#[test]
fn a_client_that_talks_on_an_event_stream_is_cut() {
    let set = ClientSet::new();
    let server = server(&set);
    let mut socket = connect(server.address);
    socket.write_all(b"GET /lean/feed HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
    read_to(&mut socket, "\n\n");
    set.broadcast(&"x".to_owned()).unwrap();
    read_to(&mut socket, "data: x\n");
    let talk = [b'x'; 4096];
    // Until the server has closed; through actix what is no request is answered with 400, or not read.
    while socket.write_all(&talk).is_ok() && !set.is_empty() {}
    while !set.is_empty() {
        std::thread::yield_now();
    }
}

/// What has left actix is none of its connections: however few those may be, there are as many streams as
/// want to be. Through actix the next comes in when the one before has left.
#[test]
fn streams_do_not_count_as_connections_of_actix() {
    let set = ClientSet::new();
    let server = serve_few(1, 1, Duration::from_secs(10), |realtime| realtime, routes(&set));
    let mut open = Vec::new();
    for _ in 0..5 {
        let mut socket = connect(server.address);
        socket.write_all(b"GET /lean/feed HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
        if !lean() {
            open.clear();
        }
        read_to(&mut socket, "\n\n");
        open.push(socket);
    }
    set.broadcast(&"all".to_owned()).unwrap();
    for socket in &mut open {
        read_to(socket, "data: all\n");
    }
}

/// A middleware that collects bodies asks for them before there is a head: nothing may go out then.
#[test]
fn a_collected_stream_is_an_ordinary_response() {
    #[sse("/lean/collected")]
    async fn collected() -> impl futures_util::Stream<Item = String> {
        futures_util::stream::iter(["one".to_owned(), "two".to_owned()])
    }
    let server = serve(|app| {
        let collecting = actix_web::middleware::from_fn(
            |req: actix_web::dev::ServiceRequest,
             next: actix_web::middleware::Next<actix_web::body::BoxBody>| async move {
                let (req, response) = next.call(req).await?.into_parts();
                let (head, body) = response.into_parts();
                let body = actix_web::body::to_bytes(body).await?;
                Ok::<_, actix_web::Error>(actix_web::dev::ServiceResponse::new(
                    req,
                    head.set_body(body),
                ))
            },
        );
        let routes = ereo_runtime::routes().unwrap().only(module_path!());
        app.service(web::scope("").wrap(collecting).service(routes));
    });
    let mut socket = connect(server.address);
    socket.write_all(b"GET /lean/collected HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
    let head = read_to(&mut socket, "\r\n\r\n");
    assert!(head.contains("content-length: "), "{head}");
    read_to(&mut socket, "data: two\n\n");
}
