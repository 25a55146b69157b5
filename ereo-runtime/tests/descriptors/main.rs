//! A tunnel while the process has no descriptors left, so that a connection cannot leave actix. One test:
//! the limit is the process's.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use ereo_runtime::{Binary, Drain, HttpServerExt as _, Socket, SocketError, websocket};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

#[websocket("/echo")]
async fn echo(mut socket: Socket<Binary, Binary>) -> Result<(), SocketError> {
    while let Some(message) = socket.recv().await? {
        socket.send(&message).await?;
    }
    Ok(())
}

const SECRET: &str = "GET /secret HTTP/1.1\r\nhost: internal\r\n\r\n";

fn upgrade(headers: &str) -> String {
    format!(
        "GET /echo HTTP/1.1\r\nhost: test\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}

fn read_to_end(socket: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    match socket.read_to_end(&mut all) {
        Ok(_) => {}
        // The server has closed before it had read all.
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the server does not close: {error}"),
    }
    all
}

/// A connection that the server has accepted, and answered on.
fn accepted(port: u16) -> TcpStream {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket.write_all(SECRET.as_bytes()).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"SECRET") {
        let mut buffer = [0; 1024];
        let read = socket.read(&mut buffer).unwrap();
        assert!(read > 0);
        answer.extend_from_slice(&buffer[..read]);
    }
    socket
}

/// All that are left, but for so many.
fn exhaust(left: usize) -> Vec<File> {
    let mut files: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    files.truncate(files.len() - left);
    files
}

#[test]
fn a_connection_that_cannot_leave_actix_is_a_tunnel_all_the_same() {
    let hard = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(128), maximum: hard }).unwrap();
    let (bound, port) = mpsc::channel();
    let drain = Drain::within(Duration::from_secs(5));
    let handle = drain.handle();
    let server = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(|| {
                App::new()
                    .route("/secret", web::get().to(async || HttpResponse::Ok().body("SECRET")))
                    .service(ereo_runtime::routes().unwrap())
            })
            .workers(1)
            .realtime(drain)
            .bind(("127.0.0.1", 0))?;
            bound.send(server.addrs()[0].port()).unwrap();
            server.run().await
        })
    });
    let port = port.recv().unwrap();

    // None is left for the duplicate, or none for the second one, of which the writer is made.
    for left in [0, 1] {
        let (mut tunnel, mut body) = (accepted(port), accepted(port));
        let files = exhaust(left);
        let mut request = upgrade("").into_bytes();
        request.extend(b"\x82\x83\0\0\0\0one");
        request.extend(SECRET.as_bytes());
        tunnel.write_all(&request).unwrap();
        let answer = read_to_end(&mut tunnel);
        let text = String::from_utf8_lossy(&answer);
        assert!(text.starts_with("HTTP/1.1 101 "), "{text}");
        let head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        // The frame, raw, and 1002.
        let frames = &answer[head..];
        assert_eq!(frames[..5], *b"\x82\x03one", "{text}");
        assert_eq!((frames[5], &frames[7..9]), (0x88, &[0x03, 0xea][..]), "{text}");
        assert_eq!(frames.len(), 7 + usize::from(frames[6]), "{text}");

        let chunked = upgrade("transfer-encoding: chunked\r\n") + "0\r\n\r\n" + SECRET;
        body.write_all(chunked.as_bytes()).unwrap();
        let answer = String::from_utf8(read_to_end(&mut body)).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(!answer.contains("SECRET"), "{answer}");
        drop(files);
    }
    handle.begin();
    server.join().unwrap().unwrap();
}
