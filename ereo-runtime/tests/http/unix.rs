//! A Unix socket has all that a TCP port has: drain, limits and counting.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_web::web::Data;
use ereo_runtime::{
    ClientSet, Drain, DrainHandle, HttpServerExt as _, LastEventId, Limits, ProxyHeader, Socket,
    Subscription, sse, websocket,
};

use crate::support::Server;
use crate::support::server::{Over, serve_over};

#[sse("/unix/feed", retry = "2s")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[websocket("/unix/ws")]
async fn ws(socket: Socket<String, String>) {
    socket.connection().ended().await;
}

/// A path of the test's own, gone with it.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("ereo-{}-{name}", std::process::id())))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn server(place: &Place, limits: Limits) -> Server {
    let set = Data::new(ClientSet::<String>::new());
    let settings = |realtime: ereo_runtime::Realtime| realtime.limits(limits);
    let over = Over::Unix(place.0.clone());
    serve_over(over, 1, 25_000, Duration::from_secs(10), settings, move |app| {
        app.app_data(set.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

/// A request, and what of the answer has come.
struct Connection {
    socket: UnixStream,
    read: Vec<u8>,
}

impl Connection {
    fn to(place: &Path, path: &str, headers: &str) -> Self {
        let mut socket = UnixStream::connect(place).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(socket, "GET {path} HTTP/1.1\r\nhost: test\r\n{headers}\r\n").unwrap();
        let mut connection = Self { socket, read: Vec::new() };
        connection.until(b"\r\n\r\n");
        connection
    }

    fn feed(place: &Place, headers: &str) -> Self {
        Self::to(&place.0, "/unix/feed", headers)
    }

    fn socket(place: &Place) -> Self {
        let upgrade = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
            sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        Self::to(&place.0, "/unix/ws", upgrade)
    }

    fn status(&self) -> u16 {
        std::str::from_utf8(&self.read[9..12]).unwrap().parse().unwrap()
    }

    /// More of it; false at its end.
    fn more(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let read = self.socket.read(&mut buffer).unwrap();
        self.read.extend_from_slice(&buffer[..read]);
        read > 0
    }

    fn has(&self, what: &[u8]) -> bool {
        self.read.windows(what.len()).any(|window| window == what)
    }

    fn until(&mut self, what: &[u8]) {
        while !self.has(what) {
            assert!(self.more(), "{:?}", String::from_utf8_lossy(&self.read));
        }
    }
}

#[test]
fn a_drain_ends_streams_and_sockets_as_over_tcp() {
    let place = Place::new("drain");
    let mut server = server(&place, Limits::new());
    let mut stream = Connection::feed(&place, "");
    stream.until(b"retry: 2000\n");
    let mut socket = Connection::socket(&place);
    assert_eq!((stream.status(), socket.status()), (200, 101));
    // A connection that is there already asks once the server drains.
    let mut late = UnixStream::connect(&place.0).unwrap();
    late.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    server.begin_drain();
    // Another `retry:`, with its share of the spread, and the last chunk.
    stream.until(b"0\r\n\r\n");
    let text = String::from_utf8(stream.read).unwrap();
    assert_eq!(text.matches("retry: ").count(), 2, "{text}");
    // 1012, "service restart".
    socket.until(b"\x03\xf4");
    let _ = late.write_all(b"GET /unix/feed HTTP/1.1\r\nhost: test\r\n\r\n");
    let mut answer = Vec::new();
    // It is answered if actix has not closed it first.
    let _ = late.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 503 "), "{answer:?}");
    drop(server);
}

#[test]
fn who_comes_while_the_server_drains_is_503() {
    let place = Place::new("late");
    let mut server = server(&place, Limits::new());
    // What does not answer the close frame holds the drain up.
    let mut socket = Connection::socket(&place);
    server.begin_drain();
    socket.until(b"\x03\xf4");
    assert_eq!(Connection::feed(&place, "").status(), 503);
    assert_eq!(Connection::socket(&place).status(), 503);
    drop(socket);
}

#[test]
fn all_are_one_address_unless_a_proxy_tells_them_apart() {
    let place = Place::new("limits");
    let server_ = server(&place, Limits::new().per_address(2));
    let kept = [Connection::feed(&place, ""), Connection::socket(&place)];
    assert_eq!((kept[0].status(), kept[1].status()), (200, 101));
    assert_eq!(Connection::feed(&place, "x-forwarded-for: 1.1.1.1\r\n").status(), 429);
    drop((kept, server_));

    let header = ProxyHeader::XForwardedFor;
    let _server = server(&place, Limits::new().per_address(1).behind_proxies(header, 1));
    let of = |address: &str| Connection::feed(&place, &format!("x-forwarded-for: {address}\r\n"));
    let kept = [of("1.1.1.1"), of("2.2.2.2")];
    assert!(kept.iter().all(|connection| connection.status() == 200));
    assert_eq!(of("::ffff:1.1.1.1").status(), 429);
}

/// The handle counts them.
#[actix_web::test]
async fn connections_are_counted_and_an_own_on_connect_is_called_as_well() {
    let place = Place::new("count");
    let drain = Drain::within(Duration::from_secs(5));
    let handle = drain.handle();
    let set = Data::new(ClientSet::<String>::new());
    let (told, tell) = (std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0)), ());
    let connections = told.clone();
    // A leftover of a server that died.
    drop(std::os::unix::net::UnixListener::bind(&place.0).unwrap());
    let server = actix_web::HttpServer::new(move || {
        let routes = ereo_runtime::routes().unwrap().only(module_path!());
        actix_web::App::new().app_data(set.clone()).service(routes)
    })
    .workers(1)
    .realtime(drain)
    .on_connect(move |io, _| {
        assert!(io.is::<tokio::net::UnixStream>());
        connections.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    })
    .bind_uds(&place.0)
    .unwrap()
    .run();
    let running = actix_web::rt::spawn(server);
    let path = place.0.clone();
    let open = |handle: DrainHandle| {
        move || {
            let connection = Connection::to(&path, "/unix/feed", "");
            (connection, handle.open_connections())
        }
    };
    let (stream, open) = actix_web::web::block(open(handle.clone())).await.unwrap();
    assert_eq!((stream.status(), open), (200, 1));
    assert_eq!(told.load(std::sync::atomic::Ordering::Relaxed), 1);
    handle.begin();
    running.await.unwrap().unwrap();
    assert_eq!(handle.open_connections(), 0);
    drop((stream, tell));
}

#[test]
fn what_is_no_socket_is_not_replaced() {
    let place = Place::new("file");
    std::fs::write(&place.0, "precious").unwrap();
    let server =
        actix_web::HttpServer::new(actix_web::App::new).realtime(Drain::within(Duration::ZERO));
    let error = server.bind_uds(&place.0).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    assert_eq!(std::fs::read_to_string(&place.0).unwrap(), "precious");
}
