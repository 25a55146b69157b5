//! Connections that are ended by name: who is told, what is told, and who notices nothing.

use std::net::TcpStream;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ereo_runtime::prelude::*;
use ereo_runtime::{CloseCode, EncodeError};
use serde_json::{Value, json};
use tungstenite::{Message as Sent, WebSocket};

use crate::support::socket::{joined, opened, text};
use crate::support::{Client, Server, get, serve_with};

pub const LOGGED_OUT: Ending = Ending::code(4001, "logged out").final_();
pub const MOVED: Ending = Ending::code(4002, "moved");

type Lines = Data<ClientSet<String>>;

#[derive(Deserialize)]
struct User {
    user: String,
}

#[sse("/disconnect/feed", heartbeat = "off")]
async fn feed(
    user: Query<User>,
    set: Lines,
    last: LastEventId,
) -> Result<Subscription<String>, EncodeError> {
    set.subscribe(last).as_member(&user.user, "")
}

#[sse("/disconnect/anonymous", heartbeat = "off")]
async fn anonymous(set: Lines, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

/// Not the log itself: each reader has its own view.
#[sse("/disconnect/shouted", heartbeat = "off")]
async fn shouted(
    user: Query<User>,
    set: Lines,
    last: LastEventId,
) -> Result<Subscription<String>, EncodeError> {
    let shouted = set.subscribe(last).as_member(&user.user, "")?;
    Ok(shouted.filter(|line| line != "whispered").map(|line| line.to_uppercase()))
}

#[sse("/disconnect/{room}/feed", heartbeat = "off")]
async fn room_feed(
    room: String,
    user: Query<User>,
    set: Lines,
    last: LastEventId,
) -> Result<Subscription<String>, EncodeError> {
    set.room(room).subscribe(last).as_member(&user.user, "")
}

/// What the handlers tell the test.
#[derive(Clone)]
struct Told(SyncSender<String>);

#[websocket("/disconnect/ws", ping = "off", idle = "off")]
async fn ws(
    user: Query<User>,
    mut socket: Socket<String, String>,
    set: Lines,
    told: Data<Told>,
    handles: Data<SyncSender<ConnectionHandle>>,
) -> Result<(), SocketError> {
    let _seat = set.join(&socket)?.as_member(&user.user, "")?;
    let _ = handles.try_send(socket.handle());
    socket.send(&"joined".to_owned()).await?;
    while socket.recv().await?.is_some() {}
    let _ = told.0.try_send(format!("{:?}", socket.reason()));
    Ok(())
}

struct Hooked {
    told: Data<Told>,
    _seats: [Seat<String>; 2],
}

/// In two rooms at a time.
#[websocket("/disconnect/hooks", ping = "off", idle = "off")]
impl Hooked {
    async fn open(
        user: Query<User>,
        connection: Connection<String>,
        set: Lines,
        told: Data<Told>,
    ) -> Self {
        let join = |room: &str| {
            let seat = set.room(room).join(&connection).expect("there is room");
            seat.as_member(&user.user, "").expect("it can be encoded")
        };
        let seats = ["lobby", "garden"].map(join);
        connection.send(&"joined".to_owned()).await.expect("there is room for one message");
        Self { told, _seats: seats }
    }

    async fn message(&mut self, _: String) {}

    async fn close(self, reason: CloseReason) {
        let _ = self.told.0.try_send(format!("hook {reason}"));
    }
}

struct Case {
    set: ClientSet<String>,
    server: Server,
    told: Receiver<String>,
    handles: Receiver<ConnectionHandle>,
}

fn case(workers: usize) -> Case {
    let set = ClientSet::<String>::new();
    let (told, heard) = sync_channel(100);
    let (given, handles) = sync_channel(100);
    let (data, told, given) = (Data::new(set.clone()), Data::new(Told(told)), Data::new(given));
    let server = serve_with(workers, Duration::from_secs(10), move |app| {
        let routes = ereo_runtime::routes().unwrap().only(module_path!());
        app.app_data(data.clone()).app_data(told.clone()).app_data(given.clone()).service(routes);
    });
    Case { set, server, told: heard, handles }
}

impl Case {
    fn stream(&self, path: &str, user: &str) -> Client {
        let client = Client::get(self.server.address, &format!("{path}?user={user}"));
        assert_eq!(client.status, 200);
        client
    }

    fn socket(&self, path: &str, user: &str) -> WebSocket<TcpStream> {
        joined(self.server.address, &format!("{path}?user={user}"))
    }

    /// Waits until so many clients are in the set.
    fn has(&self, clients: usize) {
        eventually(|| self.set.len() == clients);
    }

    fn broadcast(&self, line: &str) {
        self.set.broadcast(&line.to_owned()).unwrap();
    }
}

pub fn eventually(done: impl Fn() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(begin.elapsed() < Duration::from_secs(20), "in vain");
        sleep(Duration::from_millis(1));
    }
}

/// The last event of a stream, and that it has ended.
pub fn closed(stream: &mut Client) -> (Value, String) {
    let event = stream.event().expect("it is told");
    assert_eq!(event.event, "ereo.closed", "{event:?}");
    assert_eq!(stream.event(), None);
    (serde_json::from_str(&event.data).unwrap(), event.last_event_id)
}

pub fn logged_out() -> Value {
    json!({ "code": 4001, "reason": "logged out", "final": true })
}

/// The close frame that a socket gets next.
pub fn close_frame(socket: &mut WebSocket<TcpStream>) -> (u16, String) {
    match socket.read().unwrap() {
        Sent::Close(Some(frame)) => (frame.code.into(), frame.reason.to_string()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_user_with_streams_and_sockets_on_four_workers_is_gone_at_once_and_nobody_else_notices() {
    let case = case(4);
    // Enough for relays, on each of the workers.
    let mut others: Vec<_> =
        (0..40).map(|n| case.stream("/disconnect/feed", &format!("u{n}"))).collect();
    let mut other = case.socket("/disconnect/ws", "bob");
    let mut streams: Vec<_> = (0..3).map(|_| case.stream("/disconnect/feed", "ann")).collect();
    let mut sockets: Vec<_> = (0..2).map(|_| case.socket("/disconnect/ws", "ann")).collect();
    case.has(46);
    case.broadcast("before");
    assert_eq!(case.set.disconnect(Who::Member("ann"), LOGGED_OUT), 5);
    case.broadcast("after");
    case.has(41);
    assert_eq!(case.set.disconnect(Who::Member("ann"), LOGGED_OUT), 0);
    for stream in &mut streams {
        assert_eq!(stream.data(), "before");
        assert_eq!(closed(stream), (logged_out(), "ereo-end".to_owned()));
    }
    for socket in &mut sockets {
        assert_eq!(text(socket), "before");
        assert_eq!(close_frame(socket), (4001, "logged out".to_owned()));
        let reason = case.told.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(reason.contains("Disconnected") && reason.contains("logged out"), "{reason}");
    }
    for stream in &mut others {
        assert_eq!((stream.data(), stream.data()), ("before".to_owned(), "after".to_owned()));
    }
    assert_eq!((text(&mut other), text(&mut other)), ("before".to_owned(), "after".to_owned()));
    assert_eq!(case.set.members().len(), 41);
}

/// The best of some, for the machine may be busy.
#[test]
fn a_user_is_gone_within_ten_milliseconds() {
    let case = case(4);
    let took = (0..10).map(|_| {
        let streams: Vec<_> = (0..3).map(|_| case.stream("/disconnect/feed", "ann")).collect();
        let sockets: Vec<_> = (0..2).map(|_| case.socket("/disconnect/ws", "ann")).collect();
        case.has(5);
        let begin = Instant::now();
        assert_eq!(case.set.disconnect(Who::Member("ann"), LOGGED_OUT), 5);
        let told = streams.into_iter().map(|mut stream| closed(&mut stream)).count();
        let told = told + sockets.into_iter().map(|mut socket| close_frame(&mut socket)).count();
        let took = begin.elapsed();
        assert_eq!(told, 5);
        case.has(0);
        took
    });
    let best = took.min().expect("there are some");
    println!("{best:?}");
    assert!(best < Duration::from_millis(10), "{best:?}");
}

#[test]
fn a_final_end_is_one_that_an_event_source_does_not_come_back_from() {
    let case = case(1);
    let mut stream = case.stream("/disconnect/feed", "ann");
    case.has(1);
    assert_eq!(case.set.disconnect(Who::All, LOGGED_OUT), 1);
    let (_, id) = closed(&mut stream);
    let back = Client::get_with(
        case.server.address,
        "/disconnect/feed?user=ann",
        &format!("last-event-id: {id}\r\n"),
    );
    assert_eq!(back.status, 204);
}

#[test]
fn one_that_may_come_back_misses_nothing() {
    let case = case(1);
    let mut stream = case.stream("/disconnect/shouted", "ann");
    case.has(1);
    for line in ["one", "whispered", "two"] {
        case.broadcast(line);
    }
    assert_eq!(case.set.disconnect(Who::Member("ann"), MOVED), 1);
    case.broadcast("three");
    assert_eq!((stream.data(), stream.data()), ("ONE".to_owned(), "TWO".to_owned()));
    let (told, id) = closed(&mut stream);
    assert_eq!(told, json!({ "code": 4002, "reason": "moved", "final": false }));
    assert!(stream.events.retry.is_some_and(|retry| (1_000..=4_000).contains(&retry)));
    let header = format!("last-event-id: {id}\r\n");
    let mut back = Client::get_with(case.server.address, "/disconnect/shouted?user=ann", &header);
    assert_eq!(back.data(), "THREE");
}

#[test]
fn all_are_those_who_are_there_and_no_others() {
    let case = case(2);
    let path = "/disconnect/anonymous";
    for crowd in [1, 30] {
        let mut streams: Vec<_> =
            (0..crowd).map(|_| Client::get(case.server.address, path)).collect();
        let mut socket = case.socket("/disconnect/ws", "bob");
        case.has(crowd + 1);
        case.broadcast("before");
        assert_eq!(case.set.disconnect(Who::All, MOVED), crowd + 1);
        assert_eq!(case.set.disconnect(Who::All, LOGGED_OUT), 0);
        let mut late = Client::get(case.server.address, path);
        case.broadcast("after");
        for stream in &mut streams {
            assert_eq!(stream.data(), "before");
            assert_eq!(closed(stream).0["code"], 4002);
        }
        assert_eq!(text(&mut socket), "before");
        assert_eq!(close_frame(&mut socket), (4002, "moved".to_owned()));
        case.has(1);
        case.broadcast("later");
        while late.data() != "later" {}
        drop(late);
        case.has(0);
    }
}

#[test]
fn a_set_reaches_its_rooms_and_a_room_itself_alone() {
    let case = case(2);
    let mut both = case.socket("/disconnect/hooks", "ann");
    let mut lobby = case.stream("/disconnect/lobby/feed", "ann");
    let mut garden = case.stream("/disconnect/garden/feed", "ann");
    let mut other = case.stream("/disconnect/garden/feed", "bob");
    eventually(|| case.set.room("lobby").len() == 2 && case.set.room("garden").len() == 3);
    assert_eq!(case.set.room("nowhere").disconnect(Who::Member("ann"), MOVED), 0);
    assert_eq!(case.set.room("lobby").disconnect(Who::Member("ann"), MOVED), 2);
    assert_eq!(closed(&mut lobby).0["code"], 4002);
    assert_eq!(close_frame(&mut both), (4002, "moved".to_owned()));
    assert_eq!(
        case.told.recv_timeout(Duration::from_secs(20)).unwrap(),
        "hook disconnected: 4002 moved"
    );
    eventually(|| case.set.room("garden").len() == 2);
    let mut both = case.socket("/disconnect/hooks", "ann");
    // It sits in two rooms, and is one connection.
    assert_eq!(case.set.disconnect(Who::Member("ann"), LOGGED_OUT), 2);
    assert_eq!(close_frame(&mut both), (4001, "logged out".to_owned()));
    assert_eq!(closed(&mut garden), (logged_out(), "ereo-end".to_owned()));
    case.set.room("garden").broadcast(&"still here".to_owned()).unwrap();
    assert_eq!(other.data(), "still here");
}

#[test]
fn a_socket_is_ended_by_its_id_and_by_its_handle() {
    let case = case(2);
    let mut sockets: Vec<_> = (0..2).map(|_| case.socket("/disconnect/ws", "ann")).collect();
    let handles: Vec<_> = sockets.iter().map(|_| case.handles.recv().unwrap()).collect();
    assert!(handles.iter().all(ConnectionHandle::is_open));
    assert_eq!(case.set.disconnect(Who::Client(handles[0].id()), LOGGED_OUT), 1);
    assert_eq!(case.set.disconnect(Who::Client(handles[0].id()), LOGGED_OUT), 0);
    // Held by another thread.
    case.broadcast("before");
    let handle = handles[1].clone();
    let told = std::thread::spawn(move || (handle.close(MOVED), handle.close(LOGGED_OUT)));
    assert_eq!(told.join().unwrap(), (true, false));
    assert!(handles.iter().all(|handle| !handle.is_open()));
    assert_eq!(close_frame(&mut sockets[0]), (4001, "logged out".to_owned()));
    assert_eq!(text(&mut sockets[1]), "before");
    assert_eq!(close_frame(&mut sockets[1]), (4002, "moved".to_owned()));
    case.has(0);
    assert!(!handles[0].close(MOVED));
}

#[test]
fn the_browser_module_is_told_at_the_end_of_the_reason_whether_it_is_for_good() {
    let case = case(1);
    for (ending, told) in [(LOGGED_OUT, "logged out\u{4}1"), (MOVED, "moved\u{4}0")] {
        let path = "/disconnect/ws?user=ann&ereoHeartbeat=1";
        let mut ours = opened(case.server.address, path);
        assert_eq!(text(&mut ours), r#"{"type":"ereo.heartbeat","data":0}"#);
        assert_eq!(text(&mut ours), "joined");
        let code = ending.close_code();
        assert_eq!(case.set.disconnect(Who::All, ending), 1);
        assert_eq!(close_frame(&mut ours), (code, told.to_owned()));
        case.has(0);
    }
}

/// It is ended on the server's side, though it is told nothing any more.
#[test]
fn a_socket_that_does_not_read_is_ended_as_well() {
    let case = case(1);
    let socket = case.socket("/disconnect/ws", "ann");
    let handle = case.handles.recv().unwrap();
    let large = "x".repeat(1 << 20);
    // More than the kernel holds of it, and less than the set does: a busy worker lags by all of them.
    (0..3).for_each(|_| case.broadcast(&large));
    sleep(Duration::from_millis(50));
    assert_eq!(case.set.disconnect(Who::Client(handle.id()), LOGGED_OUT), 1);
    let reason = case.told.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(reason.contains("Disconnected"), "{reason}");
    drop(socket);
}

#[test]
fn whoever_ends_a_connection_reads_the_answers_of_none() {
    assert_eq!(CloseCode::new(LOGGED_OUT.close_code()).map(CloseCode::get), Some(4001));
    let case = case(1);
    // Nobody is there: nothing happens, and nothing is kept for those who come.
    assert_eq!(case.set.disconnect(Who::Member("ann"), LOGGED_OUT), 0);
    assert_eq!(case.set.disconnect(Who::All, LOGGED_OUT), 0);
    let mut stream = case.stream("/disconnect/feed", "ann");
    case.has(1);
    case.broadcast("welcome");
    assert_eq!(stream.data(), "welcome");
    drop(stream);
    case.has(0);
    assert_eq!(get(case.server.address, "/disconnect/nothing").status, 404);
}
