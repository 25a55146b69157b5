//! A thread that one client keeps busy: its neighbours are served in between. All of it holds through actix's
//! dispatcher as well (`LEAN=off`).

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use ereo_runtime::Text;
use ereo_runtime::prelude::*;
use tungstenite::Message;

use crate::support::socket::{joined, text};
use crate::support::{Server, serve};

/// How many messages were taken from the client that sends the worst.
#[derive(Default)]
struct Taken(AtomicU64);

#[websocket("/neighbours/busy")]
async fn busy(mut socket: Socket<Text, String>, taken: Data<Taken>) -> Result<(), SocketError> {
    while socket.recv().await?.is_some() {
        taken.0.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Tells how many were taken when it is asked.
#[websocket("/neighbours/asks")]
async fn asks(mut socket: Socket<Text, String>, taken: Data<Taken>) -> Result<(), SocketError> {
    socket.send(&"joined".to_owned()).await?;
    while socket.recv().await?.is_some() {
        socket.send(&taken.0.load(Ordering::Relaxed).to_string()).await?;
    }
    Ok(())
}

fn server() -> Server {
    let taken = Data::new(Taken::default());
    serve(move |app| {
        app.app_data(taken.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

/// The compressed message of some 50 bytes that takes longest: it inflates to 33 KB, and goes on with last
/// blocks, each of which has all of that for a context. As many of these as a message may have.
fn worst() -> Vec<u8> {
    let text = format!("{{\"text\":\"{}\"}}", "y".repeat(33_000));
    let last_blocks = [0x03, 0x00].repeat(7);
    let payload = [miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 9), last_blocks].concat();
    assert!(payload.len() < 126);
    [&[0xc1, 0x80 | payload.len() as u8, 0, 0, 0, 0], &payload[..]].concat()
}

fn tiny() -> Vec<u8> {
    vec![0x81, 0x81, 0, 0, 0, 0, b'x']
}

fn flood(server: &Server, message: Vec<u8>) -> impl FnOnce() + Send + use<> {
    let mut stream = TcpStream::connect(server.address).unwrap();
    let head = "GET /neighbours/busy HTTP/1.1\r\nhost: test\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
                sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                sec-websocket-extensions: permessage-deflate; client_no_context_takeover\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let times = (2 << 20) / message.len();
    move || {
        // The server may be through with the test before this is through with its writing.
        let _ = stream.write_all(&message.repeat(times));
    }
}

/// How many messages of the busy client are taken between two answers to a neighbour: in the middle of its
/// questions, for a thread of the test's may be held up as well.
fn taken_between_answers(message: Vec<u8>) -> u64 {
    let server = server();
    let mut neighbour = joined(server.address, "/neighbours/asks");
    let mut ask = || -> u64 {
        neighbour.send(Message::text("?")).unwrap();
        text(&mut neighbour).parse().unwrap()
    };
    let flooding = thread::spawn(flood(&server, message));
    let mut last = 0;
    while last == 0 {
        last = ask();
        thread::sleep(Duration::from_millis(1));
    }
    let mut between: Vec<_> = (0..31)
        .map(|_| {
            let now = ask();
            now - std::mem::replace(&mut last, now)
        })
        .collect();
    between.sort_unstable();
    drop(server);
    flooding.join().unwrap();
    between[between.len() / 2]
}

/// Each is 7 units of work, and a turn has 128: about 18 messages, some 20 µs each.
#[test]
fn a_neighbour_is_answered_between_a_few_of_the_worst_messages() {
    let taken = taken_between_answers(worst());
    assert!(taken <= 200, "{taken}");
}

#[test]
fn a_neighbour_is_answered_between_a_few_hundred_tiny_messages() {
    let taken = taken_between_answers(tiny());
    assert!(taken <= 2_000, "{taken}");
}
