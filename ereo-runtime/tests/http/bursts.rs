//! Bursts: a reader that reads gets every message and is never told that it lags, whatever comes at once.
//! All of it holds through actix's dispatcher as well (`LEAN=off`).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use actix_web::web;
use ereo_runtime::Text;
use ereo_runtime::prelude::*;

use crate::support::server::lean;
use crate::support::{Client, Server, get, serve_with};

/// Sends what it is told to all others, and says so with the number of bytes that it was.
#[websocket("/bursts/{room}/ws")]
async fn room(
    room: String,
    mut socket: Socket<Text, String>,
    set: Data<ClientSet<String>>,
) -> Result<(), SocketError> {
    let seat = set.room(room).join(&socket)?;
    socket.send(&"joined".to_owned()).await?;
    while let Some(Text(text)) = socket.recv().await? {
        seat.broadcast_others(&text.to_string())?;
    }
    Ok(())
}

#[sse("/bursts/{room}/feed")]
async fn feed(
    room: String,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Subscription<String> {
    set.room(room).subscribe(last)
}

/// Broadcasts so many messages within one turn of the worker's thread.
async fn looped(path: web::Path<(String, usize)>, set: Data<ClientSet<String>>) -> String {
    let (room, times) = path.into_inner();
    let room = set.room(room);
    for n in 0..times {
        room.broadcast(&format!("loop {n}")).unwrap();
    }
    "done".to_owned()
}

/// One message a request, as it stands in the path.
async fn posted(path: web::Path<(String, String)>, set: Data<ClientSet<String>>) -> String {
    let (room, text) = path.into_inner();
    set.room(room).broadcast(&text).unwrap();
    String::new()
}

/// A set that keeps little for those who come back, so that every burst is more than that.
fn set() -> ClientSet<String> {
    ClientSet::builder().history(4).build()
}

fn server(workers: usize, set: &ClientSet<String>) -> Server {
    let data = Data::new(set.clone());
    serve_with(workers, Duration::from_secs(5), move |app| {
        app.app_data(data.clone())
            .route("/bursts/{room}/loop/{times}", web::to(looped))
            .route("/bursts/{room}/post/{text}", web::post().to(posted))
            .service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

/// A masked text frame of fewer than 126 bytes; a key of zeros masks nothing.
fn frame(text: &str) -> Vec<u8> {
    [&[0x81, 0x80 | text.len() as u8, 0, 0, 0, 0], text.as_bytes()].concat()
}

/// A socket that is read and written by hand.
fn socket(server: &Server, room: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!(
        "GET /bursts/{room}/ws HTTP/1.1\r\nhost: test\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut unread = Vec::new();
    while !unread.ends_with(b"joined") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        unread.extend(byte);
    }
    stream
}

/// Reads the text frames of a server, each of fewer than 64 KiB, and checks each.
fn expect_frames(stream: &mut TcpStream, expected: impl Iterator<Item = String>) {
    let mut stream = std::io::BufReader::new(stream);
    for expected in expected {
        let mut head = [0; 2];
        stream.read_exact(&mut head).unwrap();
        let length = match head[1] {
            126 => {
                let mut length = [0; 2];
                stream.read_exact(&mut length).unwrap();
                usize::from(u16::from_be_bytes(length))
            }
            length => usize::from(length),
        };
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).unwrap();
        let text = String::from_utf8_lossy(&payload);
        assert_eq!((head[0], &*text), (0x81, &*expected), "a text, and no close frame");
    }
}

/// Event streams and sockets of a room that read as fast as they can, while `publish` runs.
fn while_all_read(
    server: &Server,
    readers: usize,
    expected: impl Fn(usize) -> String + Sync,
    count: usize,
    publish: impl FnOnce(),
) {
    let connect = |_| {
        let mut client = Client::get(server.address, "/bursts/a/feed");
        client.read_until(|client| client.events.retry.is_some());
        client
    };
    let clients: Vec<_> = (0..readers).map(connect).collect();
    let sockets: Vec<_> = (0..readers).map(|_| socket(server, "a")).collect();
    let expected = &expected;
    thread::scope(|threads| {
        for mut client in clients {
            threads.spawn(move || {
                for n in 0..count {
                    assert_eq!(client.data(), expected(n));
                }
            });
        }
        for mut socket in sockets {
            threads.spawn(move || expect_frames(&mut socket, (0..count).map(expected)));
        }
        publish();
    });
}

/// Few readers are woken one by one; many are served by a relay.
const CROWDS: [usize; 2] = [2, 9];

/// The smallest messages there are, all in one piece, by one socket.
#[test]
fn tiny_messages_by_one_socket_in_one_piece() {
    const TIMES: usize = 20_000;
    for (workers, readers) in [(1, 2), (1, 9), (2, 9)] {
        let set = set();
        let server = server(workers, &set);
        let mut flood = socket(&server, "a");
        let flooding = || flood.write_all(&frame("x").repeat(TIMES)).unwrap();
        while_all_read(&server, readers, |_| "x".to_owned(), TIMES, flooding);
        assert_eq!(set.room("a").stats().lagged, 0);
    }
}

/// More in a moment than the set may hold at all: the flood is read no faster than it can be followed.
#[test]
fn more_bytes_by_one_socket_than_the_set_may_hold() {
    const TIMES: usize = 4_000;
    let text = "y".repeat(120);
    for readers in CROWDS {
        let set = ClientSet::builder().history(4).max_bytes(64 << 10).build();
        let server = server(1, &set);
        let mut flood = socket(&server, "a");
        let flooding = || flood.write_all(&frame(&text).repeat(TIMES)).unwrap();
        while_all_read(&server, readers, |_| text.clone(), TIMES, flooding);
        assert_eq!(set.room("a").stats().lagged, 0);
    }
}

/// Many clients, each with a little, in one turn of a thread.
#[test]
fn many_sockets_at_once() {
    const SOCKETS: usize = 64;
    const EACH: usize = 50;
    for readers in CROWDS {
        let set = set();
        let server = server(1, &set);
        let mut floods: Vec<_> = (0..SOCKETS).map(|_| socket(&server, "a")).collect();
        let drains: Vec<_> = floods.iter().map(|flood| flood.try_clone().unwrap()).collect();
        let flooding = || {
            let burst = frame("x").repeat(EACH);
            floods.iter_mut().for_each(|flood| flood.write_all(&burst).unwrap());
            // They are readers of each other.
            for mut drain in drains {
                expect_frames(&mut drain, (0..(SOCKETS - 1) * EACH).map(|_| "x".to_owned()));
            }
        };
        while_all_read(&server, readers, |_| "x".to_owned(), SOCKETS * EACH, flooding);
        assert_eq!(set.room("a").stats().lagged, 0);
    }
}

/// Requests that stand behind each other on one connection.
#[test]
fn pipelined_requests() {
    const TIMES: usize = 3_000;
    for readers in CROWDS {
        let set = set();
        let server = server(1, &set);
        let mut stream = TcpStream::connect(server.address).unwrap();
        let flooding = || {
            let request = |n| {
                format!(
                    "POST /bursts/a/post/{n} HTTP/1.1\r\nhost: test\r\ncontent-length: 0\r\n\r\n"
                )
            };
            let all: String = (0..TIMES).map(request).collect();
            let mut answers = stream.try_clone().unwrap();
            thread::spawn(move || std::io::copy(&mut answers, &mut std::io::sink()));
            stream.write_all(all.as_bytes()).unwrap();
        };
        while_all_read(&server, readers, |n| n.to_string(), TIMES, flooding);
        assert_eq!(set.room("a").stats().lagged, 0);
    }
}

/// An application's own loop: on the worker's thread, in one turn, and on a thread of its own.
#[test]
fn a_loop_of_the_applications() {
    const TIMES: usize = 10_000;
    for readers in CROWDS {
        let set = set();
        let server = server(1, &set);
        let on_the_worker = || {
            let path = format!("/bursts/a/loop/{TIMES}");
            assert_eq!(Client::request(server.address, "POST", &path, "").finish().status, 200);
        };
        while_all_read(&server, readers, |n| format!("loop {n}"), TIMES, on_the_worker);
        let room = set.room("a");
        let elsewhere = || {
            for n in 0..TIMES {
                room.broadcast(&format!("own {n}")).unwrap();
            }
        };
        while_all_read(&server, readers, |n| format!("own {n}"), TIMES, elsewhere);
        assert_eq!(room.stats().lagged, 0);
    }
}

/// A crowd that a relay serves gets more in one turn of a publisher than the set may hold. A stream that stays
/// with actix can be given its share only when the turn is over: there the bytes are what holds.
#[test]
fn a_loop_of_more_bytes_than_the_set_may_hold_lets_the_relay_send_first() {
    const TIMES: usize = 5_000;
    let max_bytes = if lean() { 256 << 10 } else { 8 << 20 };
    let set = ClientSet::builder().history(4).max_bytes(max_bytes).build();
    let server = server(1, &set);
    let room = set.room("a");
    let on_the_worker = || {
        // Whoever came before there was a crowd joins it with the next message.
        room.broadcast(&"first".to_owned()).unwrap();
        get(server.address, "/bursts/a/loop/0");
        let path = format!("/bursts/a/loop/{TIMES}");
        assert_eq!(Client::request(server.address, "POST", &path, "").finish().status, 200);
    };
    let expected = |n| if n == 0 { "first".to_owned() } else { format!("loop {}", n - 1) };
    while_all_read(&server, 9, expected, TIMES + 1, on_the_worker);
    assert_eq!(set.room("a").stats().lagged, 0);
}
