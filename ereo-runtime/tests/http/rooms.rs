//! Rooms whose names the clients choose: bounded, and whoever is in one goes on.

use std::net::TcpStream;
use std::time::Duration;

use ereo_runtime::prelude::*;
use ereo_runtime::{BroadcastError, EncodeError, RoomRefused};
use tungstenite::Message as Sent;
use tungstenite::protocol::WebSocket;
use tungstenite::protocol::frame::coding::CloseCode;

use crate::support::socket::{joined, text};
use crate::support::{Client, Server, get, serve};

type Lines = Data<ClientSet<String>>;

#[sse("/rooms/{room}/feed", heartbeat = "off")]
async fn feed(room: String, set: Lines, last: LastEventId) -> Subscription<String> {
    set.room(room).subscribe(last)
}

/// Answers itself.
#[sse("/rooms/{room}/tried", heartbeat = "off")]
async fn tried(
    room: String,
    set: Lines,
    last: LastEventId,
) -> Result<Subscription<String>, RoomRefused> {
    Ok(set.try_room(room)?.subscribe(last))
}

#[sse("/rooms/{room}/told", heartbeat = "off")]
async fn told(room: String, set: Lines) -> Result<Subscription<String>, BroadcastError> {
    let room = set.room(room);
    room.broadcast(&"told".to_owned())?;
    Ok(room.subscribe(LastEventId::none()))
}

#[sse("/rooms/{room}/member", heartbeat = "off")]
async fn member(room: String, set: Lines) -> Result<Subscription<String>, EncodeError> {
    set.room(&room).subscribe(LastEventId::none()).as_member(room.repeat(2), "")
}

#[websocket("/rooms/{room}/ws")]
async fn ws(
    room: String,
    mut socket: Socket<String, String>,
    set: Lines,
) -> Result<(), SocketError> {
    let seat = set.room(&room).join(&socket)?;
    socket.send(&"joined".to_owned()).await?;
    while let Some(said) = socket.recv().await? {
        seat.broadcast(&said)?;
    }
    Ok(())
}

fn serve_rooms(set: &ClientSet<String>) -> Server {
    let set = Data::new(set.clone());
    serve(move |app| {
        app.app_data(set.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

fn say(socket: &mut WebSocket<TcpStream>, said: &str) {
    socket.send(Sent::text(said)).unwrap();
}

/// FAULTS F4, over sockets: each writes 60,000 bytes into a room of its own, and leaves.
#[test]
fn a_flood_of_rooms_leaves_no_more_than_they_may_keep_and_touches_nobody() {
    const ROOMS: usize = 300;
    const LIMIT: usize = 2 << 20;
    let set = ClientSet::<String>::builder().max_room_bytes(LIMIT).build();
    let server = serve_rooms(&set);
    let mut inside = Client::get(server.address, "/rooms/inside/feed");
    inside.read_until(|client| client.events.retry.is_some());
    let large = "x".repeat(60_000);
    for n in 0..ROOMS {
        let mut socket = joined(server.address, &format!("/rooms/r{n}/ws"));
        say(&mut socket, &large);
        assert_eq!(text(&mut socket), large);
        socket.close(None).unwrap();
        while socket.read().is_ok() {}
    }
    let kept = set.rooms() * large.len();
    assert!((LIMIT / 8..=LIMIT).contains(&kept), "{kept}");
    set.room("inside").broadcast(&"still".to_owned()).unwrap();
    assert_eq!(inside.data(), "still");
}

#[test]
fn with_somebody_in_each_one_more_is_refused_until_somebody_leaves() {
    let set = ClientSet::<String>::builder().max_rooms(2).build();
    let server = serve_rooms(&set);
    let mut reader = Client::get(server.address, "/rooms/a/feed");
    reader.read_until(|client| client.events.retry.is_some());
    let mut socket = joined(server.address, "/rooms/b/ws");
    for kind in ["feed", "tried", "told"] {
        let refused = Client::get(server.address, &format!("/rooms/c/{kind}"));
        assert_eq!(refused.status, 503, "{kind}");
        assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    }
    assert_eq!(close_of(server, "/rooms/c/ws", &set, &mut reader, &mut socket), CloseCode::Policy);
}

/// The code that a socket there is closed with; the two who are inside go on, and one leaves.
fn close_of(
    server: Server,
    path: &str,
    set: &ClientSet<String>,
    reader: &mut Client,
    socket: &mut WebSocket<TcpStream>,
) -> CloseCode {
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let url = format!("ws://{}{path}", server.address);
    let (mut refused, _) = tungstenite::client(url, stream).unwrap();
    let code = loop {
        match refused.read().unwrap() {
            Sent::Close(frame) => break frame.unwrap().code,
            _ => continue,
        }
    };
    say(socket, "here");
    assert_eq!(text(socket), "here");
    set.room("a").broadcast(&"there".to_owned()).unwrap();
    assert_eq!(reader.data(), "there");
    socket.close(None).unwrap();
    while socket.read().is_ok() {}
    let comes = || get(server.address, "/rooms/a/none").status == 404 && set.try_room("c").is_ok();
    assert!((0..1000).any(|_| comes()), "there is a place now");
    code
}

#[test]
fn a_name_that_is_too_long_is_no_room() {
    let set = ClientSet::<String>::new();
    let server = serve_rooms(&set);
    let (long, longest) = ("x".repeat(256), "x".repeat(255));
    let status = |name: &str, kind: &str| {
        Client::get(server.address, &format!("/rooms/{name}/{kind}")).status
    };
    for (kind, refused) in [("feed", 503), ("tried", 400), ("told", 400)] {
        assert_eq!((status(&long, kind), status(&longest, kind)), (refused, 200), "{kind}");
    }
    assert_eq!(set.rooms(), 1);
    // A member's key is what its client chose as well.
    assert_eq!(
        (status(&"x".repeat(127), "member"), status(&"x".repeat(128), "member")),
        (200, 400)
    );
}
