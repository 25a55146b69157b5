//! Heartbeats that a page can see: for clients that ask for them, and for no others.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use ereo_runtime::{ClientSet, LastEventId, Socket, SocketError, Subscription, sse, websocket};
use futures_util::stream::{Stream, repeat};

use crate::support::event_stream::Dispatched;
use crate::support::{Client, Server, serve};

const EVERY: Duration = Duration::from_millis(300);
const ASKED: &str = "ereoHeartbeat=1";

#[sse("/heartbeats/feed", heartbeat = "300ms")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[sse("/heartbeats/filtered", heartbeat = "300ms")]
async fn filtered(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last).filter(|message| message.starts_with("for all"))
}

#[sse("/heartbeats/off", heartbeat = "off")]
async fn off(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

/// Always has something to send.
#[sse("/heartbeats/busy", heartbeat = "300ms")]
async fn busy() -> impl Stream<Item = &'static str> {
    repeat("busy")
}

#[websocket("/heartbeats/ws", ping = "300ms", idle = "20s")]
async fn talk(mut socket: Socket<String, String>) -> Result<(), SocketError> {
    socket.send(&"joined".to_owned()).await?;
    while let Some(text) = socket.recv().await? {
        socket.send(&text).await?;
    }
    Ok(())
}

fn server(set: &ClientSet<String>) -> Server {
    let set = Data::new(set.clone());
    serve(move |app| {
        let routes = ereo_runtime::routes().unwrap().only(module_path!());
        app.app_data(set.clone()).service(routes);
    })
}

fn is_heartbeat(event: &Dispatched, every: &str) -> bool {
    (event.event.as_str(), event.data.as_str()) == ("ereo.heartbeat", every)
}

#[test]
fn the_first_one_comes_with_the_opening_and_changes_nothing_before_it() {
    let set = ClientSet::new();
    set.broadcast(&"before".to_owned()).unwrap();
    let server = server(&set);
    let opening = format!("retry: 1000\nid: {}\n\n", set.position());
    let beat = "event: ereo.heartbeat\ndata: 300\n\n";
    let mut client = Client::get(server.address, &format!("/heartbeats/feed?{ASKED}"));
    client.read_until(|client| client.body.ends_with(beat.as_bytes()));
    assert_eq!(String::from_utf8_lossy(&client.body), format!("{opening}{beat}"));
    // The page learns its position by it.
    assert_eq!(client.event().unwrap().last_event_id, set.position().to_string());
    assert!(is_heartbeat(&client.event().unwrap(), "300"));
}

#[test]
fn a_plain_client_gets_comments_as_ever() {
    let set = ClientSet::new();
    let server = server(&set);
    for query in ["", "?ereoHeartbeat=0", "?ereoHeartbeat=10"] {
        let mut client = Client::get(server.address, &format!("/heartbeats/feed{query}"));
        client.read_until(|client| client.events.comments == 2);
        let expected = format!("retry: 1000\nid: {}\n\n:\n\n:\n\n", set.position());
        assert_eq!(String::from_utf8_lossy(&client.body), expected);
    }
}

/// A page sees no event that it does not listen for.
#[test]
fn no_message_puts_one_off() {
    let set = ClientSet::new();
    let server = server(&set);
    let mut client = Client::get(server.address, &format!("/heartbeats/feed?{ASKED}"));
    assert!(is_heartbeat(&client.event().unwrap(), "300"));
    let busy = set.clone();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let publisher = std::thread::spawn(move || {
        while stopped.recv_timeout(EVERY / 10).is_err() {
            busy.broadcast(&"busy".to_owned()).unwrap();
        }
    });
    let begin = Instant::now();
    let mut beats = 0;
    let mut last = String::new();
    while beats < 4 {
        let event = client.event().unwrap();
        if is_heartbeat(&event, "300") {
            beats += 1;
            assert!(begin.elapsed() >= EVERY * (beats - 1), "{:?}", begin.elapsed());
            // It leaves the position where the messages have taken it.
            assert_eq!(event.last_event_id, last);
        }
        last = event.last_event_id;
    }
    stop.send(()).unwrap();
    publisher.join().unwrap();
    assert!(begin.elapsed() < EVERY * 40, "{:?}", begin.elapsed());
}

#[test]
fn a_stream_that_is_never_silent_puts_none_off() {
    let server = server(&ClientSet::new());
    let mut client = Client::get(server.address, &format!("/heartbeats/busy?{ASKED}"));
    let (begin, mut beats, mut between) = (Instant::now(), 0, 0);
    while beats < 4 {
        if is_heartbeat(&client.event().unwrap(), "300") {
            beats += 1;
        } else {
            between += 1;
        }
    }
    assert!(begin.elapsed() >= EVERY * 2, "{:?}", begin.elapsed());
    assert!(between > 100, "{between}");
}

#[test]
fn one_carries_the_position_where_messages_were_passed_over() {
    let set = ClientSet::new();
    let server = server(&set);
    let mut client = Client::get(server.address, &format!("/heartbeats/filtered?{ASKED}"));
    assert!(is_heartbeat(&client.event().unwrap(), "300"));
    set.broadcast(&"for others".to_owned()).unwrap();
    let position = set.position().to_string();
    loop {
        let event = client.event().unwrap();
        assert!(is_heartbeat(&event, "300"));
        if event.last_event_id == position {
            break;
        }
    }
    assert!(client.events.comments == 0);
}

#[test]
fn where_none_come_the_client_is_told() {
    let server = server(&ClientSet::new());
    let mut client = Client::get(server.address, &format!("/heartbeats/off?{ASKED}"));
    assert!(is_heartbeat(&client.event().unwrap(), "0"));
}

/// A reset is the first that such a client is told of its position.
#[test]
fn a_client_that_cannot_go_on_keeps_its_position_until_the_reset() {
    let server = server(&ClientSet::new());
    let path = format!("/heartbeats/feed?lastEventID=0123456789abcdef-7&{ASKED}");
    let mut client = Client::get(server.address, &path);
    let beat = client.event().unwrap();
    assert!(is_heartbeat(&beat, "300") && beat.last_event_id.is_empty(), "{beat:?}");
    assert_eq!(client.event().unwrap().event, "ereo.reset");
}

/// What is on the wire of a socket behind the 101, as it comes, for `time` or up to `most` bytes.
fn wire(address: SocketAddr, path: &str, most: usize) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(
        socket,
        "GET {path} HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .unwrap();
    let mut read = Vec::new();
    let head = loop {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        read.push(byte[0]);
        if read.ends_with(b"\r\n\r\n") {
            break String::from_utf8(std::mem::take(&mut read)).unwrap();
        }
    };
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let mut frames = vec![0; most];
    socket.read_exact(&mut frames).unwrap();
    frames
}

const JOINED: &[u8] = b"\x81\x06joined";
const PING: &[u8] = b"\x89\x00";

#[test]
fn a_plain_socket_gets_what_it_always_got() {
    let server = server(&ClientSet::new());
    for path in ["/heartbeats/ws", "/heartbeats/ws?ereoHeartbeat=0"] {
        let expected = [JOINED, PING, PING].concat();
        assert_eq!(wire(server.address, path, expected.len()), expected);
    }
}

#[test]
fn a_socket_that_asks_is_sent_texts_and_pings() {
    let server = server(&ClientSet::new());
    let text = br#"{"type":"ereo.heartbeat","data":300}"#;
    let beat = [&[0x81, text.len() as u8][..], text].concat();
    let path = format!("/heartbeats/ws?{ASKED}");
    let most = [&beat, JOINED, &beat, PING].concat().len();
    let frames = wire(server.address, &path, most);
    assert!(frames.starts_with(&[&beat, JOINED].concat()), "{frames:?}");
    let rest = &frames[beat.len() + JOINED.len()..];
    // Due in the same millisecond, or one after the other.
    let either = [[&beat, PING].concat(), [PING, &beat].concat()];
    assert!(either.iter().any(|either| either == rest), "{rest:?}");
}
