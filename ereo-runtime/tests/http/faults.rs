//! A publisher, a view or a message that fails or panics, seen by clients over real sockets: nothing of
//! it reaches them, nobody else notices, and no client is left behind.

use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ereo_runtime::prelude::*;
use serde::Serializer;
use serde::ser::{Error as _, SerializeStruct as _};
use tokio::sync::watch::Receiver;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message as Sent, WebSocket};

use crate::support::{Client, Server, serve};

const PATIENCE: Duration = Duration::from_secs(20);

/// Writes half of itself, and then does what it says.
#[derive(Debug, Clone, Message)]
enum Halfway {
    GoesOn(usize),
    Fails,
    Panics,
    /// Is encoded once and never again.
    PanicsAgain(Arc<AtomicBool>),
}

impl Serialize for Halfway {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut half = serializer.serialize_struct("Halfway", 2)?;
        half.serialize_field("first", "written")?;
        match self {
            Self::GoesOn(number) => half.serialize_field("second", number)?,
            Self::Fails => return Err(S::Error::custom("on purpose")),
            Self::Panics => panic!("on purpose"),
            Self::PanicsAgain(was) => assert!(!was.swap(true, Ordering::Relaxed), "on purpose"),
        }
        half.end()
    }
}

type Set = Data<ClientSet<Halfway>>;

#[sse("/faults/feed", heartbeat = "off")]
async fn feed(set: Set, last: LastEventId) -> Subscription<Halfway> {
    set.subscribe(last)
}

/// A view that panics at the number 3.
#[sse("/faults/view", heartbeat = "off")]
async fn view(set: Set, last: LastEventId) -> Subscription<String> {
    set.subscribe(last).map(|message| match message {
        Halfway::GoesOn(3) => panic!("on purpose"),
        message => format!("{message:?}"),
    })
}

#[websocket("/faults/ws", ping = "off", idle = "off")]
async fn ws(mut socket: Socket<String, Halfway>, set: Set) -> Result<(), SocketError> {
    let _seat = set.join(&socket)?;
    while socket.recv().await?.is_some() {}
    Ok(())
}

fn server() -> (ClientSet<Halfway>, Server) {
    let set = ClientSet::new();
    let data = Data::new(set.clone());
    let server = serve(move |app| {
        app.app_data(data.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    });
    (set, server)
}

fn stream(server: &Server, path: &str) -> Client {
    let mut client = Client::get(server.address, path);
    client.read_until(|client| client.events.retry.is_some());
    client
}

fn socket(server: &Server) -> WebSocket<TcpStream> {
    let url = format!("ws://{}{}", server.address, ws::ROUTE);
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    tungstenite::client(url.into_client_request().unwrap(), stream).unwrap().0
}

async fn clients(watch: &mut Receiver<usize>, wanted: usize) {
    let reached = watch.wait_for(|clients| *clients == wanted);
    tokio::time::timeout(PATIENCE, reached).await.expect("the clients are seen").unwrap();
}

fn written(number: usize) -> String {
    format!(r#"{{"first":"written","second":{number}}}"#)
}

#[tokio::test]
async fn clients_read_on_without_a_hole_over_publishers_that_die() {
    const MESSAGES: usize = 200;
    let (set, server) = server();
    let mut len = set.watch_len();
    let (mut streams, mut sockets) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        streams.push(stream(&server, feed::ROUTE));
        sockets.push(socket(&server));
    }
    clients(&mut len, 10).await;
    let publisher = std::thread::spawn({
        let set = set.clone();
        move || {
            for n in 1..=MESSAGES {
                set.broadcast(&Halfway::Fails).unwrap_err();
                let died = catch_unwind(AssertUnwindSafe(|| set.broadcast(&Halfway::Panics)));
                assert!(died.is_err());
                set.broadcast(&Halfway::GoesOn(n)).unwrap();
            }
            set.broadcast(&Halfway::Panics)
        }
    });
    assert!(publisher.join().is_err(), "it died at last");
    for n in 1..=MESSAGES {
        for client in &mut streams {
            let event = client.event().unwrap();
            assert_eq!((event.event.as_str(), event.data), ("message", written(n)));
            assert_eq!(event.last_event_id, format!("{}-{n}", set.position().epoch()));
        }
        for client in &mut sockets {
            assert_eq!(client.read().unwrap(), Sent::text(written(n)));
        }
    }
    drop((streams, sockets));
    clients(&mut len, 0).await;
}

#[tokio::test]
async fn a_view_that_panics_ends_its_own_connection_alone() {
    let (set, server) = server();
    let mut len = set.watch_len();
    let (mut views, mut plain) = (stream(&server, view::ROUTE), stream(&server, feed::ROUTE));
    clients(&mut len, 2).await;
    for n in 1..=4 {
        set.broadcast(&Halfway::GoesOn(n)).unwrap();
    }
    for n in 1..=4 {
        assert_eq!(plain.data(), written(n));
    }
    // What it gave before it panicked goes out, also of the same turn.
    assert_eq!((views.data(), views.data()), ("GoesOn(1)".to_owned(), "GoesOn(2)".to_owned()));
    assert!(views.event().is_none());
    clients(&mut len, 1).await;
    let mut again = stream(&server, view::ROUTE);
    set.broadcast(&Halfway::GoesOn(5)).unwrap();
    assert_eq!((again.data(), plain.data()), ("GoesOn(5)".to_owned(), written(5)));
}

/// Sent when only sockets were there, it is encoded as an event for the first stream that replays it.
#[tokio::test]
async fn a_message_that_panics_when_a_reader_needs_it_is_told_as_missed() {
    let (set, server) = server();
    let mut len = set.watch_len();
    let mut chat = socket(&server);
    clients(&mut len, 1).await;
    let start = set.position();
    set.broadcast(&Halfway::PanicsAgain(Arc::default())).unwrap();
    set.broadcast(&Halfway::GoesOn(2)).unwrap();
    assert_eq!(chat.read().unwrap(), Sent::text(r#"{"first":"written"}"#));
    assert_eq!(chat.read().unwrap(), Sent::text(written(2)));
    let mut replay = Client::get(server.address, &format!("{}?lastEventID={start}", feed::ROUTE));
    let told = replay.event().unwrap();
    assert_eq!(told.event, "ereo.reset");
    assert_eq!(told.data, r#"{"reason":"lagged","missed":1}"#);
    assert_eq!(replay.data(), written(2));
}
