//! Sockets as clients of a set: broadcast, exclude, one client alone, rooms, lag.

use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ereo_runtime::prelude::*;
use ereo_runtime::{ClientId, SendError};
use serde::Serializer;
use tokio::sync::watch::Receiver;
use tungstenite::{Message as Sent, WebSocket};

use crate::server::{Server, serve};
use crate::{SECONDS, connect};

/// Counts how often it is serialized.
#[derive(Debug, Clone, Message)]
struct Line(String);

/// Of all sockets here.
static IDS: Mutex<Vec<ClientId>> = Mutex::new(Vec::new());

static SERIALIZED: AtomicUsize = AtomicUsize::new(0);

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 == "counted" {
            SERIALIZED.fetch_add(1, Ordering::Relaxed);
        }
        serializer.serialize_str(&self.0)
    }
}

fn line(text: &str) -> Line {
    Line(text.to_owned())
}

/// Does what it is told: `others X`, `all X`, `leave`; tells its id first.
#[websocket("/seats/{room}", ping = "off", idle = "off")]
async fn seated(
    room: String,
    mut socket: Socket<String, Line>,
    lines: Data<ClientSet<Line>>,
) -> Result<(), SocketError> {
    let seat = lines.room(&room).join(&socket)?;
    let mut seat = Some(if room == "skips" { seat.on_lag(OnLag::SkipToOldest) } else { seat });
    IDS.lock().unwrap().push(socket.id());
    socket.send(&Line(socket.id().to_string())).await?;
    while let Some(told) = socket.recv().await? {
        match (told.split_once(' '), &seat) {
            (Some(("others", text)), Some(seat)) => {
                seat.broadcast_others(&line(text))?;
            }
            (Some(("all", text)), Some(seat)) => {
                seat.broadcast(&line(text))?;
            }
            _ => seat = None,
        }
    }
    Ok(())
}

/// Refuses before the upgrade whoever finds no seat.
struct Asking {
    _seat: Seat<Line>,
}

#[websocket("/asking/{room}")]
impl Asking {
    async fn open(
        room: String,
        connection: Connection<Line>,
        lines: Data<ClientSet<Line>>,
    ) -> actix_web::Result<Self> {
        Ok(Self { _seat: lines.room(&room).join(&connection)? })
    }

    async fn message(&mut self, _: String) {}
}

/// Asks after the upgrade.
#[websocket("/asking-later/{room}")]
async fn asking_later(
    room: String,
    socket: Socket<String, Line>,
    lines: Data<ClientSet<Line>>,
) -> Result<(), SocketError> {
    let _seat = lines.room(&room).join(&socket)?;
    socket.send(&line("in")).await
}

fn server(lines: &ClientSet<Line>) -> Server {
    let lines = Data::new(lines.clone());
    serve(move |app| {
        let routes = ereo_runtime::routes().expect("no two routes clash").only(module_path!());
        app.app_data(lines.clone()).service(routes);
    })
}

struct Client {
    socket: WebSocket<TcpStream>,
    id: String,
}

impl Client {
    fn join(server: &Server, room: &str) -> Self {
        let mut socket = connect(server, &seated::path(room), None).unwrap();
        let id = heard(&mut socket);
        Self { socket, id }
    }

    fn tell(&mut self, text: &str) {
        self.socket.send(Sent::text(text)).unwrap();
    }

    fn heard(&mut self) -> String {
        heard(&mut self.socket)
    }
}

fn heard(socket: &mut WebSocket<TcpStream>) -> String {
    let text = socket.read().unwrap().into_text().unwrap();
    serde_json::from_str(&text).unwrap()
}

async fn clients(watch: &mut Receiver<usize>, wanted: usize) {
    let reached = watch.wait_for(|clients| *clients == wanted);
    tokio::time::timeout(SECONDS, reached).await.expect("the clients are seen").unwrap();
}

#[test]
fn everybody_hears_and_the_speaker_may_be_left_out() {
    let server = server(&ClientSet::new());
    let (mut ann, mut bob) = (Client::join(&server, "a"), Client::join(&server, "a"));
    ann.tell("others one");
    ann.tell("all two");
    assert_eq!((bob.heard().as_str(), bob.heard().as_str()), ("one", "two"));
    assert_eq!(ann.heard(), "two");
}

#[test]
fn rooms_do_not_hear_each_other() {
    let lines = ClientSet::new();
    let server = server(&lines);
    let (mut here, mut there) = (Client::join(&server, "here"), Client::join(&server, "there"));
    lines.room("here").broadcast(&line("h")).unwrap();
    lines.room("there").broadcast(&line("t")).unwrap();
    lines.broadcast(&line("nobody")).unwrap();
    assert_eq!((here.heard().as_str(), there.heard().as_str()), ("h", "t"));
    assert_eq!((lines.room("here").len(), lines.len(), lines.rooms()), (1, 0, 2));
}

#[tokio::test]
async fn a_seat_is_left_when_it_is_dropped_and_when_the_connection_ends() {
    let lines = ClientSet::new();
    let server = server(&lines);
    let room = lines.room("leaving");
    let mut watch = room.watch_len();
    let (mut drops, aborts) = (Client::join(&server, "leaving"), Client::join(&server, "leaving"));
    clients(&mut watch, 2).await;
    socket2::SockRef::from(aborts.socket.get_ref()).set_linger(Some(Duration::ZERO)).unwrap();
    drop(aborts);
    clients(&mut watch, 1).await;
    drops.tell("leave");
    clients(&mut watch, 0).await;
    room.broadcast(&line("unheard")).unwrap();
    // Still connected, but no client of the set: the close is the next that it hears.
    drops.socket.close(None).unwrap();
    assert!(matches!(drops.socket.read(), Ok(Sent::Close(_))));
}

#[tokio::test]
async fn one_client_alone_is_sent_to_behind_what_all_were_sent() {
    let lines = ClientSet::new();
    let server = server(&lines);
    let (mut ann, mut bob) = (Client::join(&server, "alone"), Client::join(&server, "alone"));
    let room = lines.room("alone");
    let id = client_id(&ann);
    for n in 0..200 {
        room.broadcast(&Line(format!("all {n}"))).unwrap();
        room.send_to(id, &Line(format!("ann {n}"))).unwrap();
        assert_eq!(ann.heard(), format!("all {n}"));
        assert_eq!(ann.heard(), format!("ann {n}"));
        assert_eq!(bob.heard(), format!("all {n}"));
    }
    let mut watch = room.watch_len();
    drop(ann);
    clients(&mut watch, 1).await;
    assert!(
        matches!(room.send_to(id, &line("x")), Err(SendError::NoSuchClient(gone)) if gone == id)
    );
}

fn client_id(client: &Client) -> ClientId {
    *IDS.lock().unwrap().iter().find(|id| id.to_string() == client.id).expect("it has a seat")
}

#[test]
fn one_encoding_serves_all_sockets() {
    let lines = ClientSet::new();
    let server = server(&lines);
    let mut sockets: Vec<_> = (0..50).map(|_| Client::join(&server, "once")).collect();
    lines.room("once").broadcast(&line("counted")).unwrap();
    for client in &mut sockets {
        assert_eq!(client.heard(), "counted");
    }
    assert_eq!(SERIALIZED.load(Ordering::Relaxed), 1);
}

/// A room that has sent more than a client reads meanwhile, and the client.
fn overtaken(on_lag: OnLag, room: &str) -> (Server, WebSocket<TcpStream>) {
    let lines = ClientSet::<Line>::builder().history(4).on_lag(on_lag).build();
    let server = server(&lines);
    let client = Client::join(&server, room);
    let mut reader = Client::join(&server, room);
    for n in 0..MESSAGES {
        lines.room(room).broadcast(&Line(format!("{n} {}", "x".repeat(16 << 10)))).unwrap();
        // A stalled socket costs the others nothing.
        assert!(reader.heard().starts_with(&format!("{n} ")));
    }
    (server, client.socket)
}

const MESSAGES: usize = 2000;

#[test]
fn a_socket_that_is_overtaken_is_closed_with_1013_by_default() {
    let (_server, mut socket) = overtaken(OnLag::default(), "lag");
    let close = loop {
        if let Sent::Close(close) = socket.read().unwrap() {
            break close.unwrap();
        }
    };
    assert_eq!(u16::from(close.code), 1013);
    assert!(close.reason.starts_with("lagged: "), "{}", close.reason);
}

#[test]
fn a_socket_that_skips_is_told_how_many_it_missed() {
    // The set's policy, and a seat's own, which goes before it.
    for (on_lag, room) in [(OnLag::SkipToOldest, "lag"), (OnLag::Disconnect, "skips")] {
        let (_server, socket) = overtaken(on_lag, room);
        skips(socket);
    }
}

fn skips(mut socket: WebSocket<TcpStream>) {
    let (mut heard, mut missed) = (0, 0);
    while heard + missed < MESSAGES {
        let text = socket.read().unwrap().into_text().unwrap();
        if text.starts_with(&format!("\"{} ", heard + missed)) {
            heard += 1;
            continue;
        }
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&told["type"], &told["reason"]), (&"ereo.reset".into(), &"lagged".into()));
        missed += usize::try_from(told["missed"].as_u64().unwrap()).unwrap();
    }
    assert!(missed > 0 && heard >= 4, "{heard} heard, {missed} missed");
}

#[test]
fn a_full_room_refuses_before_the_upgrade_or_closes_with_1008() {
    let lines = ClientSet::<Line>::builder().max_clients(1).build();
    let server = server(&lines);
    let mut inside = Client::join(&server, "full");
    assert_eq!(connect(&server, &Asking::path("full"), None).unwrap_err(), 503);
    for path in [seated::path("full"), asking_later::path("full")] {
        let mut socket = connect(&server, &path, None).unwrap();
        let closed = socket.read().unwrap();
        let Sent::Close(Some(frame)) = closed else { panic!("closed at once, not {closed:?}") };
        assert_eq!((u16::from(frame.code), &*frame.reason), (1008, "the room is full"));
    }
    assert_eq!(lines.room("full").len(), 1);
    // Neither the one inside nor another room is touched.
    inside.tell("all still here");
    assert_eq!(heard(&mut inside.socket), "still here");
    connect(&server, &Asking::path("other"), None).unwrap();
}
