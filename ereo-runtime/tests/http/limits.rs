//! No more clients than the server takes, in all and of one address.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use actix_web::web::Data;
use ereo_runtime::{
    ClientSet, LastEventId, Limits, ProxyHeader, RoomFull, Socket, SocketError, Subscription, sse,
    websocket,
};
use tungstenite::Message;

use crate::support::socket::{joined, text};
use crate::support::{Client, Server, serve_limited};

#[sse("/limits/feed", heartbeat = "off")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

/// The reader's place is taken before it is read.
#[sse("/limits/rooms/{room}", heartbeat = "off")]
async fn room(
    room: String,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Result<Subscription<String>, RoomFull> {
    let subscription = set.room(room).subscribe(last);
    if last.position().is_some() { subscription.claim() } else { Ok(subscription) }
}

fn server(set: &ClientSet<String>, limits: Limits) -> Server {
    let set = Data::new(set.clone());
    serve_limited(2, Duration::from_secs(10), limits, move |app| {
        app.app_data(set.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

/// A client that stays.
fn stays(server: &Server, headers: &str) -> Client {
    let mut client = Client::get_with(server.address, "/limits/feed", headers);
    assert_eq!(client.status, 200);
    client.read_until(|client| client.events.retry.is_some());
    client
}

fn refused(server: &Server, headers: &str, status: u16) {
    let client = Client::get_with(server.address, "/limits/feed", headers);
    assert_eq!(client.status, status);
    assert!(client.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn over_the_limit_in_all_is_503_until_somebody_leaves() {
    let set = ClientSet::new();
    let server = server(&set, Limits::new().connections(2));
    let (one, _two) = (stays(&server, ""), stays(&server, ""));
    refused(&server, "", 503);
    let mut watch = set.watch_len();
    one.leave();
    watch.wait_for(|clients| *clients == 1).await.unwrap();
    // The set sees the client go a moment before its place is free.
    let free = || Client::get(server.address, "/limits/feed").status == 200;
    assert!((0..1000).any(|_| free()));
}

#[test]
fn over_the_limit_of_one_address_is_429_and_hurts_no_other() {
    let limits = Limits::new().per_address(1).behind_proxies(ProxyHeader::XForwardedFor, 1);
    let server = server(&ClientSet::new(), limits);
    let _one = stays(&server, "x-forwarded-for: 1.1.1.1\r\n");
    refused(&server, "x-forwarded-for: 1.1.1.1\r\n", 429);
    // What a client claims before its proxy's own word counts nothing.
    refused(&server, "x-forwarded-for: 9.9.9.9, 1.1.1.1\r\n", 429);
    let _other = stays(&server, "x-forwarded-for: 2.2.2.2\r\n");
}

/// Proxies that write one of the headers pass the other on as it came.
#[test]
fn a_header_that_the_proxy_does_not_write_frees_nobody_and_locks_nobody_out() {
    let limits = Limits::new().per_address(1).behind_proxies(ProxyHeader::XForwardedFor, 1);
    let server_ = server(&ClientSet::new(), limits);
    let victim = "forwarded: for=203.0.113.1\r\nx-forwarded-for: 198.51.100.7\r\n";
    let _one = stays(&server_, victim);
    for n in 1..5 {
        let lie = format!("forwarded: for=203.0.113.{n}\r\nx-forwarded-for: 198.51.100.7\r\n");
        refused(&server_, &lie, 429);
    }
    let _other = stays(&server_, "x-forwarded-for: 203.0.113.1\r\n");

    let limits = Limits::new().per_address(1).behind_proxies(ProxyHeader::Forwarded, 1);
    let server = server(&ClientSet::new(), limits);
    let _one = stays(&server, "forwarded: for=\"[2001:db8::1]:47\"\r\n");
    let lie =
        "x-forwarded-for: 203.0.113.1\r\nforwarded: for=9.9.9.9;by=\", for=\"[2001:db8::2]\"\r\n";
    refused(&server, lie, 429);
}

#[test]
fn a_network_of_ipv6_is_one_address_and_so_is_a_mapped_one() {
    let limits = Limits::new().per_address(2).behind_proxies(ProxyHeader::XForwardedFor, 1);
    let server = server(&ClientSet::new(), limits);
    let of = |address: &str| format!("x-forwarded-for: {address}\r\n");
    let _kept = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "203.0.113.5", "::ffff:203.0.113.5"]
        .map(|address| stays(&server, &of(address)));
    for full in ["2001:db8:1:2:abcd:ef01:2345:6789", "[2001:db8:1:2::3]:80", "203.0.113.5:80"] {
        refused(&server, &of(full), 429);
    }
    let _others = ["2001:db8:1:3::1", "203.0.113.6"].map(|address| stays(&server, &of(address)));
}

#[tokio::test]
async fn a_full_room_is_503_until_somebody_leaves_and_no_other_is_touched() {
    let set = ClientSet::<String>::builder().max_clients(2).build();
    let server = server(&set, Limits::new());
    let come = |path: &str| Client::get(server.address, path);
    let (one, mut two) = (come("/limits/rooms/a"), come("/limits/rooms/a"));
    assert_eq!((one.status, two.status), (200, 200));
    // Whoever takes the place: the route, or the function itself.
    let position = set.room("a").position();
    for path in ["/limits/rooms/a".to_owned(), format!("/limits/rooms/a?lastEventID={position}")] {
        let refused = come(&path);
        assert_eq!(refused.status, 503);
        assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
        assert_eq!(refused.finish().body, "the room is full");
    }
    assert_eq!(come("/limits/rooms/b").status, 200);
    let mut watch = set.room("a").watch_len();
    one.leave();
    watch.wait_for(|clients| *clients == 1).await.unwrap();
    let mut three = come("/limits/rooms/a");
    assert_eq!(three.status, 200);
    set.room("a").broadcast(&"to both".to_owned()).unwrap();
    assert_eq!((two.data(), three.data()), ("to both".to_owned(), "to both".to_owned()));
}

/// Takes its time for each message.
#[websocket("/limits/slow")]
async fn slow(mut socket: Socket<String, String>) -> Result<(), SocketError> {
    socket.send(&"joined".to_owned()).await?;
    while let Some(text) = socket.recv().await? {
        tokio::time::sleep(Duration::from_millis(1)).await;
        socket.send(&text).await?;
    }
    Ok(())
}

/// More than may wait for the handler comes at once; what of it was read before there was room is looked
/// at again, and counts once.
#[test]
fn bytes_that_wait_for_a_slow_handler_count_once() {
    let set = ClientSet::new();
    let server = server(&set, Limits::new().socket_bytes(12_000));
    let mut socket = joined(server.address, "/limits/slow");
    let said: Vec<_> = (0..100).map(|n| format!("{n:090}")).collect();
    for said in &said {
        socket.write(Message::text(said)).unwrap();
    }
    socket.flush().unwrap();
    for said in said {
        assert_eq!(text(&mut socket), said);
    }
}

/// A small message may be a large one: 500 KB a second are some kilobytes as they come.
#[test]
fn bytes_count_as_they_inflate() {
    let server = server(&ClientSet::new(), Limits::new().socket_bytes(200_000));
    let compressed = {
        let text = "x".repeat(50_000);
        // A final block, behind which RFC 7692 section 7.2.3.4 wants one byte.
        [miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 9), vec![0]].concat()
    };
    assert!(compressed.len() < 100);
    let frame = [&[0xc1, 0x80 | compressed.len() as u8, 0, 0, 0, 0], &compressed[..]].concat();
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = "GET /limits/slow HTTP/1.1\r\nhost: test\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
                sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                sec-websocket-extensions: permessage-deflate\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&frame.repeat(10)).unwrap();
    let mut said = Vec::new();
    // Ends with the connection, be it by a reset.
    let _ = stream.read_to_end(&mut said);
    let close = b"\x03\xf0too fast";
    assert!(said.windows(close.len()).any(|part| part == close), "{} bytes", said.len());
}
