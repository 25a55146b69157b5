//! Presence over real sockets: event streams and WebSockets as connections of members, and the news.

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::time::Duration;

use ereo_runtime::EncodeError;
use ereo_runtime::prelude::*;
use serde_json::{Value, json};
use tokio::sync::watch::Receiver;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message as Sent, WebSocket};

use crate::support::{Client, Server, serve};

const PATIENCE: Duration = Duration::from_secs(20);

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(3600);

#[derive(Deserialize)]
struct User {
    user: String,
}

type Lines = Data<ClientSet<String>>;

#[sse("/presence/{room}/feed", heartbeat = "off")]
async fn feed(
    room: String,
    user: Query<User>,
    set: Lines,
    last: LastEventId,
) -> Result<Subscription<String>, EncodeError> {
    set.room(room).subscribe(last).as_member(&user.user, &json!({ "status": "here" }))
}

#[sse("/presence/{room}/members", heartbeat = "off")]
async fn members(room: String, set: Lines) -> PresenceEvents {
    set.room(room).presence()
}

/// A member that is sent the news, and whose messages are its status; `panic` panics.
#[websocket("/presence/{room}/ws", ping = "off", idle = "off")]
async fn ws(
    room: String,
    user: Query<User>,
    mut socket: Socket<String, PresenceEvent>,
    set: Lines,
) -> Result<(), SocketError> {
    let room = set.room(room);
    let seat = room.join(&socket)?.as_member(&user.user, &json!({ "status": "here" }))?;
    let mut news = room.presence();
    loop {
        tokio::select! {
            event = news.recv() => match event {
                Some(event) => socket.send(&event).await?,
                None => return Ok(()),
            },
            status = socket.recv() => match status? {
                Some(status) if status == "panic" => panic!("on purpose"),
                Some(status) => assert!(seat.set_info(&json!({ "status": status }))?),
                None => return Ok(()),
            }
        }
    }
}

fn server(grace: Duration) -> (ClientSet<String>, Server) {
    let set = ClientSet::builder().presence_grace(grace).build();
    let data = Data::new(set.clone());
    let server = serve(move |app| {
        app.app_data(data.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    });
    (set, server)
}

/// Somebody who watches, and is no member.
struct Watcher(Client);

impl Watcher {
    fn of(server: &Server, room: &str) -> Self {
        Self(Client::get(server.address, &members::path(room)))
    }

    /// The name of the next event and the keys of those whom it is about.
    fn told(&mut self) -> String {
        let event = self.0.event().expect("the stream goes on");
        let data: Value = serde_json::from_str(&event.data).unwrap();
        assert_eq!(data["type"], event.event.as_str());
        let keys = match data["members"].as_array() {
            Some(members) => members.iter().map(key).collect::<Vec<_>>().join(","),
            None => key(&data).to_owned(),
        };
        format!("{} {keys}", event.event)
    }
}

fn key(member: &Value) -> &str {
    member["key"].as_str().unwrap()
}

fn stream(server: &Server, room: &str, user: &str) -> Client {
    let client = Client::get(server.address, &format!("{}?user={user}", feed::path(room)));
    assert_eq!(client.status, 200);
    client
}

/// A socket that has its seat: it was sent who is there.
fn seated(server: &Server, user: &str) -> WebSocket<TcpStream> {
    let mut socket = socket(server, "a", user);
    assert_eq!(heard(&mut socket)["type"], "members");
    socket
}

fn socket(server: &Server, room: &str, user: &str) -> WebSocket<TcpStream> {
    let url = format!("ws://{}{}?user={user}", server.address, ws::path(room));
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    tungstenite::client(url.into_client_request().unwrap(), stream).unwrap().0
}

fn heard(socket: &mut WebSocket<TcpStream>) -> Value {
    serde_json::from_str(&socket.read().unwrap().into_text().unwrap()).unwrap()
}

async fn clients(watch: &mut Receiver<usize>, wanted: usize) {
    let reached = watch.wait_for(|clients| *clients == wanted);
    tokio::time::timeout(PATIENCE, reached).await.expect("the clients are seen").unwrap();
}

#[tokio::test]
async fn a_reload_within_the_grace_time_does_not_flap() {
    let (set, server) = server(LONG);
    let mut watcher = Watcher::of(&server, "a");
    assert_eq!(watcher.told(), "members ");
    let mut len = set.room("a").watch_len();
    let page = stream(&server, "a", "ann");
    assert_eq!(watcher.told(), "joined ann");
    page.leave();
    clients(&mut len, 0).await;
    let page = stream(&server, "a", "ann");
    clients(&mut len, 1).await;
    // The same by a socket, and one that is cut off.
    page.reset();
    clients(&mut len, 0).await;
    let mut page = seated(&server, "ann");
    let _bob = stream(&server, "a", "bob");
    assert_eq!(watcher.told(), "joined bob", "nothing was told of ann in between");
    assert_eq!(heard(&mut page)["key"], "bob");
}

#[test]
fn one_leaves_when_the_last_connection_has_ended_however_it_ends() {
    for grace in [Duration::ZERO, Duration::from_millis(30)] {
        let (_set, server) = server(grace);
        let mut watcher = Watcher::of(&server, "a");
        assert_eq!(watcher.told(), "members ");
        let ends: [&dyn Fn(); 6] = [
            &|| stream(&server, "a", "ann").leave(),
            &|| stream(&server, "a", "ann").reset(),
            &|| drop(seated(&server, "ann")),
            &|| {
                let socket = seated(&server, "ann");
                socket2::SockRef::from(socket.get_ref()).set_linger(Some(Duration::ZERO)).unwrap();
            },
            &|| seated(&server, "ann").close(None).unwrap(),
            &|| {
                let mut socket = seated(&server, "ann");
                socket.send(Sent::text("panic")).unwrap();
                while !socket.read().unwrap().is_close() {}
            },
        ];
        for end in ends {
            end();
            assert_eq!([watcher.told(), watcher.told()], ["joined ann", "left ann"]);
        }
    }
}

#[test]
fn a_users_stream_and_socket_are_one_member() {
    let (set, server) = server(Duration::ZERO);
    let mut watcher = Watcher::of(&server, "a");
    assert_eq!(watcher.told(), "members ");
    let page = stream(&server, "a", "ann");
    assert_eq!(watcher.told(), "joined ann");
    let mut chat = socket(&server, "a", "ann");
    let ann = json!({ "key": "ann", "info": { "status": "here" } });
    assert_eq!(heard(&mut chat), json!({ "type": "members", "members": [ann] }));
    page.leave();
    chat.send(Sent::text("busy")).unwrap();
    assert_eq!(watcher.told(), "updated ann", "neither joined nor left");
    let busy = json!({ "type": "updated", "key": "ann", "info": { "status": "busy" } });
    assert_eq!(heard(&mut chat), busy);
    assert_eq!(set.room("a").members()[0].info_json(), r#"{"status":"busy"}"#);
    assert_eq!(set.members().len() + set.room("b").members().len(), 0, "a room's are its own");
    drop(chat);
    assert_eq!(watcher.told(), "left ann");
}

/// A hundred members with a stream and a socket each, twice: each is told once, and nothing is left.
#[tokio::test]
async fn a_crowd_that_is_killed_leaves_nobody_behind() {
    const CROWD: usize = 100;
    let (set, server) = server(Duration::ZERO);
    let mut watcher = Watcher::of(&server, "a");
    let mut len = set.room("a").watch_len();
    let mut there = BTreeSet::new();
    let mut until = |wanted: usize| {
        loop {
            let told = watcher.told();
            let (event, keys) = told.split_once(' ').unwrap();
            match event {
                "joined" => assert!(there.insert(keys.to_owned()), "{keys} was there"),
                "left" => assert!(there.remove(keys), "{keys} was not there"),
                // At first, and whenever the news are too many to be kept for this one.
                _ => there = keys.split_terminator(',').map(str::to_owned).collect(),
            }
            if there.len() == wanted {
                return;
            }
        }
    };
    until(0);
    for _ in 0..2 {
        let users: Vec<_> = (0..CROWD).map(|n| n.to_string()).collect();
        let streams: Vec<_> = users.iter().map(|user| stream(&server, "a", user)).collect();
        until(CROWD);
        let sockets: Vec<_> = users.iter().map(|user| seated(&server, user)).collect();
        assert_eq!(set.room("a").members().len(), CROWD);
        for (n, (page, chat)) in streams.into_iter().zip(sockets).enumerate() {
            if n % 2 == 0 {
                page.leave()
            } else {
                page.reset()
            }
            drop(chat);
        }
        until(0);
        clients(&mut len, 0).await;
        assert_eq!(set.room("a").members(), []);
    }
}
