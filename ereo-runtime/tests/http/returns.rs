//! Everything that an `#[sse]` function may return.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, ResponseError};
use ereo_runtime::{ClientSet, Event, LastEventId, Message, Subscription, sse};
use futures_util::stream::{Stream, StreamExt, iter, once};
use serde::Serialize;

use crate::support::event_stream::Dispatched;
use crate::support::{Client, Server, get, serve};

#[derive(Clone, Serialize, Message)]
#[serde(rename_all = "snake_case")]
enum Feed {
    UserLeft,
    Notification(Notice),
    Chat {
        from: String,
        text: String,
    },
    #[serde(rename = "paired up")]
    Pair(u8, u8),
}

#[derive(Clone, Serialize)]
struct Notice {
    text: String,
}

fn feed_messages() -> [Feed; 4] {
    [
        Feed::UserLeft,
        Feed::Notification(Notice { text: "hi".into() }),
        Feed::Chat { from: "a".into(), text: "b".into() },
        Feed::Pair(1, 2),
    ]
}

#[derive(Debug)]
struct Denied;

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not you")
    }
}

impl ResponseError for Denied {
    fn status_code(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }
}

#[sse("/messages")]
async fn messages() -> impl Stream<Item = Feed> {
    iter(feed_messages())
}

#[sse("/events")]
async fn events() -> impl Stream<Item = Event> {
    iter([Event::new("one").id("own 1").unwrap(), Event::new("two").event("named").unwrap()])
}

#[sse("/boxed")]
async fn boxed() -> std::pin::Pin<Box<dyn Stream<Item = &'static str>>> {
    once(async { "boxed" }).boxed_local()
}

#[sse("/stream/{may}")]
async fn fallible_stream(may: bool) -> Result<impl Stream<Item = String>, Denied> {
    if may { Ok(iter(["granted".to_owned()])) } else { Err(Denied) }
}

type Outcome<T> = std::io::Result<T>;

#[sse("/alias")]
async fn alias() -> Outcome<impl Stream<Item = String>> {
    Err::<futures_util::stream::Empty<String>, _>(std::io::ErrorKind::NotFound.into())
}

#[sse("/subscription/{may}")]
async fn fallible_subscription(
    may: bool,
    set: Data<ClientSet<Feed>>,
    last: LastEventId,
) -> Result<Subscription<Feed>, Denied> {
    if may { Ok(set.subscribe(last)) } else { Err(Denied) }
}

#[sse("/over")]
async fn over(_req: HttpRequest) -> Option<Subscription<Feed>> {
    None
}

#[sse("/view")]
async fn view(set: Data<ClientSet<Feed>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last).filter(|feed| matches!(feed, Feed::Chat { .. })).map(|feed| match feed {
        Feed::Chat { text, .. } => text.to_uppercase(),
        _ => String::new(),
    })
}

fn server(set: &ClientSet<Feed>) -> Server {
    let set = Data::new(set.clone());
    serve(move |app| {
        app.app_data(set.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

fn expected() -> Vec<(&'static str, &'static str)> {
    vec![
        ("user_left", "null"),
        ("notification", r#"{"text":"hi"}"#),
        ("chat", r#"{"from":"a","text":"b"}"#),
        ("paired up", "[1,2]"),
    ]
}

const END: (&str, &str) = ("ereo.end", "{}");

fn named(event: &Dispatched) -> (&str, &str) {
    (&event.event, &event.data)
}

#[test]
fn a_stream_of_messages() {
    let server = server(&ClientSet::new());
    let mut client = Client::get(server.address, "/messages");
    let events: Vec<_> = std::iter::from_fn(|| client.event()).collect();
    assert_eq!(events.iter().map(named).collect::<Vec<_>>(), [expected(), vec![END]].concat());
    assert!(client.ended);
}

#[test]
fn a_stream_of_events_keeps_its_own_ids() {
    let server = server(&ClientSet::new());
    let mut client = Client::get(server.address, "/events");
    let events: Vec<_> = std::iter::from_fn(|| client.event()).collect();
    assert_eq!(
        events.iter().map(named).collect::<Vec<_>>(),
        [("message", "one"), ("named", "two"), END]
    );
    assert_eq!(events[1].last_event_id, "own 1");
}

#[test]
fn boxed_streams_and_streams_in_results() {
    let server = server(&ClientSet::new());
    assert_eq!(Client::get(server.address, "/boxed").data(), "boxed");
    assert_eq!(Client::get(server.address, "/stream/true").data(), "granted");
    let denied = get(server.address, "/stream/false");
    assert_eq!((denied.status, denied.body.as_str()), (403, "not you"));
    assert_eq!(get(server.address, "/stream/maybe").status, 404);
    assert_eq!(get(server.address, "/alias").status, 404);
}

#[test]
fn subscriptions_plain_and_in_results() {
    let set = ClientSet::new();
    let server = server(&set);
    let mut client = Client::get(server.address, "/subscription/true");
    client.read_until(|client| client.events.retry.is_some());
    for message in feed_messages() {
        set.broadcast(&message).unwrap();
    }
    let events: Vec<_> = (0..4).map(|_| client.event().unwrap()).collect();
    assert_eq!(events.iter().map(named).collect::<Vec<_>>(), expected());
    assert_eq!(get(server.address, "/subscription/false").status, 403);
}

#[test]
fn none_is_204_so_that_the_browser_does_not_come_back() {
    let server = server(&ClientSet::new());
    assert_eq!(get(server.address, "/over").status, 204);
}

#[test]
fn a_view_of_a_set_keeps_the_sets_positions() {
    let set = ClientSet::new();
    let server = server(&set);
    let mut client = Client::get(server.address, "/view");
    client.read_until(|client| client.events.retry.is_some());
    for message in feed_messages() {
        set.broadcast(&message).unwrap();
    }
    let event = client.event().unwrap();
    assert_eq!(event.data, "B");
    assert!(event.last_event_id.ends_with("-3"), "{}", event.last_event_id);
}
