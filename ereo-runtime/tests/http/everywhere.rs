//! Connections that are ended by name wherever they are, and those that are in no set.

use std::time::Duration;

use actix_web::web;
use ereo_runtime::prelude::*;
use ereo_runtime::{Delivery, Everywhere};
use futures_util::StreamExt as _;
use serde_json::Value;
use tokio::sync::watch;

use crate::disconnect::{LOGGED_OUT, MOVED, close_frame, closed, eventually, logged_out};
use crate::support::socket::{joined, text};
use crate::support::{Client, Server, get, serve_as};

type Lines = Data<ClientSet<String>>;
type Numbers = Data<ClientSet<Value>>;

#[derive(Deserialize)]
struct User {
    user: String,
}

#[sse("/everywhere/{room}/lines", heartbeat = "off")]
async fn lines(
    room: String,
    user: Query<User>,
    set: Lines,
    last: LastEventId,
) -> Result<Subscription<String>, ereo_runtime::EncodeError> {
    set.room(room).subscribe(last).as_member(&user.user, "")
}

/// Of another set, of another type.
#[sse("/everywhere/numbers", heartbeat = "off")]
async fn numbers(
    user: Query<User>,
    set: Numbers,
    last: LastEventId,
) -> Result<Subscription<Value>, ereo_runtime::EncodeError> {
    set.subscribe(last).as_member(&user.user, "")
}

/// No member of the set that it follows.
#[sse("/everywhere/handled", heartbeat = "off")]
async fn handled(
    set: Numbers,
    last: LastEventId,
    connection: ConnectionHandle,
    handles: Data<watch::Sender<Option<ConnectionHandle>>>,
) -> Subscription<Value> {
    handles.send_replace(Some(connection));
    set.subscribe(last)
}

/// In no set at all.
#[sse("/everywhere/news", heartbeat = "off")]
async fn news(
    user: Query<User>,
    set: Numbers,
    connection: ConnectionHandle,
    everywhere: Everywhere,
) -> PresenceEvents {
    everywhere.name(&connection, &user.user);
    set.presence()
}

/// The refusal of a stream leaves a handle that is closed.
#[sse("/everywhere/refused")]
async fn refused(
    connection: ConnectionHandle,
    handles: Data<watch::Sender<Option<ConnectionHandle>>>,
) -> Result<PresenceEvents, actix_web::Error> {
    handles.send_replace(Some(connection));
    Err(actix_web::error::ErrorForbidden("no"))
}

/// A stream of its own that reads a set.
#[sse("/everywhere/own", heartbeat = "off")]
async fn own(
    user: Query<User>,
    set: Numbers,
    last: LastEventId,
) -> Result<impl Stream<Item = Event>, ereo_runtime::EncodeError> {
    let numbers = set.subscribe(last).as_member(&user.user, "")?;
    Ok(futures_util::stream::unfold(numbers, |mut numbers| async move {
        let Some(Delivery::Message { message, .. }) = numbers.recv().await else { return None };
        Some((Event::new(format!("number {}", *message)), numbers))
    })
    .boxed_local())
}

/// A socket that forwards what it reads of a set.
#[websocket("/everywhere/forwards", ping = "off", idle = "off")]
async fn forwards(
    user: Query<User>,
    mut socket: Socket<String, String>,
    set: Numbers,
) -> Result<(), SocketError> {
    let mut numbers = set.subscribe(LastEventId::none()).as_member(&user.user, "")?;
    socket.send(&"joined".to_owned()).await?;
    loop {
        tokio::select! {
            delivery = numbers.recv() => match delivery {
                Some(Delivery::Message { message, .. }) => socket.send(&format!("number {}", *message)).await?,
                _ => {
                    assert_eq!(numbers.ending(), Some(&LOGGED_OUT));
                    assert_eq!(socket.reason(), Some(CloseReason::Disconnected(LOGGED_OUT)));
                    return Ok(());
                }
            },
            said = socket.recv() => if said?.is_none() { return Ok(()) },
        }
    }
}

/// A socket in no set, that takes its handle as an argument.
#[websocket("/everywhere/alone", ping = "off", idle = "off")]
async fn alone(
    mut socket: Socket<String, String>,
    connection: ConnectionHandle,
    user: Query<User>,
    everywhere: Everywhere,
) -> Result<(), SocketError> {
    assert_eq!(connection, socket.handle());
    everywhere.name(&connection, &user.user);
    socket.send(&"joined".to_owned()).await?;
    while socket.recv().await?.is_some() {}
    Ok(())
}

async fn log_out(user: web::Path<String>, everywhere: Everywhere) -> String {
    everywhere.disconnect(Who::Member(&user), LOGGED_OUT).to_string()
}

struct Case {
    lines: ClientSet<String>,
    numbers: ClientSet<Value>,
    handles: watch::Receiver<Option<ConnectionHandle>>,
    everywhere: Everywhere,
    server: Server,
}

fn case(workers: usize) -> Case {
    let (lines, numbers) = (ClientSet::<String>::new(), ClientSet::<Value>::new());
    let (given, handles) = watch::channel(None);
    let data = (Data::new(lines.clone()), Data::new(numbers.clone()), Data::new(given));
    let (tell, told) = std::sync::mpsc::channel();
    let server = serve_as(
        workers,
        Duration::from_secs(10),
        move |realtime| {
            tell.send(realtime.everywhere()).unwrap();
            realtime
        },
        move |app| {
            let routes = ereo_runtime::routes().unwrap().only(module_path!());
            app.app_data(data.0.clone()).app_data(data.1.clone()).app_data(data.2.clone());
            app.route("/log-out/{user}", web::get().to(log_out)).service(routes);
        },
    );
    Case { lines, numbers, handles, everywhere: told.recv().unwrap(), server }
}

impl Case {
    fn stream(&self, path: &str) -> Client {
        let client = Client::get(self.server.address, path);
        assert_eq!(client.status, 200);
        client
    }

    fn handle(&self) -> ConnectionHandle {
        self.handles.borrow().clone().expect("one was taken")
    }
}

#[test]
fn a_user_is_logged_out_of_all_sets_and_rooms_and_of_what_is_in_none() {
    let case = case(3);
    let lobby = "/everywhere/lobby/lines?user=";
    let mut streams = [
        case.stream(&format!("{lobby}ann")),
        case.stream("/everywhere/garden/lines?user=ann"),
        case.stream("/everywhere/numbers?user=ann"),
        case.stream("/everywhere/own?user=ann"),
    ];
    let mut news = case.stream("/everywhere/news?user=ann");
    let mut sockets = ["forwards", "alone"]
        .map(|path| joined(case.server.address, &format!("/everywhere/{path}?user=ann")));
    let mut bob = case.stream(&format!("{lobby}bob"));
    let mut bobs = joined(case.server.address, "/everywhere/forwards?user=bob");
    eventually(|| case.lines.room("lobby").len() == 2 && case.numbers.len() == 4);
    while !news.data().contains("bob") {}
    assert_eq!(get(case.server.address, "/log-out/ann").body, "7");
    assert_eq!(case.everywhere.disconnect(Who::Member("ann"), LOGGED_OUT), 0);
    for stream in &mut streams {
        assert_eq!(closed(stream).0, logged_out());
    }
    // What it was told before may have come first.
    let told = std::iter::from_fn(|| news.event()).last().expect("it is told");
    assert_eq!(told.event, "ereo.closed");
    for socket in &mut sockets {
        assert_eq!(close_frame(socket), (4001, "logged out".to_owned()));
    }
    case.lines.room("lobby").broadcast(&"still here".to_owned()).unwrap();
    case.numbers.broadcast(&7.into()).unwrap();
    assert_eq!(bob.data(), "still here");
    assert_eq!(text(&mut bobs), "number 7");
}

#[test]
fn a_stream_is_ended_by_its_handle_and_by_its_id() {
    let case = case(2);
    let mut first = case.stream("/everywhere/handled");
    let handle = case.handle();
    eventually(|| case.numbers.len() == 1);
    case.numbers.broadcast(&1.into()).unwrap();
    assert!(handle.is_open() && handle.close(MOVED) && !handle.close(LOGGED_OUT));
    assert_eq!(first.data(), "1");
    assert_eq!(closed(&mut first).0["code"], 4002);
    assert!(!handle.is_open());

    let mut second = case.stream("/everywhere/handled");
    let id = case.handle().id();
    eventually(|| case.numbers.len() == 1);
    assert_eq!(case.numbers.disconnect(Who::Client(handle.id()), LOGGED_OUT), 0);
    assert_eq!(case.lines.disconnect(Who::Client(id), LOGGED_OUT), 0);
    assert_eq!(case.numbers.disconnect(Who::Client(id), LOGGED_OUT), 1);
    assert_eq!(closed(&mut second).0, logged_out());

    let mut third = case.stream("/everywhere/handled");
    let id = case.handle().id();
    assert_eq!(case.everywhere.disconnect(Who::Client(id), LOGGED_OUT), 1);
    assert_eq!(closed(&mut third).0, logged_out());
    eventually(|| case.numbers.is_empty());
}

#[test]
fn all_are_each_told_once() {
    let case = case(2);
    let mut streams = [
        case.stream("/everywhere/lobby/lines?user=ann"),
        case.stream("/everywhere/numbers?user=bob"),
        case.stream("/everywhere/handled"),
    ];
    let mut news = case.stream("/everywhere/news?user=cleo");
    let mut alone = joined(case.server.address, "/everywhere/alone?user=dan");
    eventually(|| case.lines.room("lobby").len() == 1 && case.numbers.len() == 2);
    while !news.data().contains("bob") {}
    assert_eq!(case.everywhere.disconnect(Who::All, MOVED), 5);
    for stream in &mut streams {
        assert_eq!(closed(stream).0["code"], 4002);
    }
    let told = std::iter::from_fn(|| news.event()).last().expect("it is told");
    assert_eq!(told.event, "ereo.closed");
    assert_eq!(close_frame(&mut alone), (4002, "moved".to_owned()));
}

#[test]
fn a_handle_of_what_was_refused_is_closed() {
    let case = case(1);
    assert_eq!(get(case.server.address, "/everywhere/refused").status, 403);
    assert!(!case.handle().is_open());
    assert!(!case.handle().close(MOVED));
}
