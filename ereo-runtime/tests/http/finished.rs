//! A stream that is finished says so, and is not begun again by a client that comes back nevertheless.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::web::Data;
use ereo_runtime::{ClientSet, Event, LastEventId, Subscription, sse};
use futures_util::stream::{Stream, StreamExt, iter, pending};

use crate::support::event_stream::Dispatched;
use crate::support::{Client, Server, get, serve};

const ENDED: &str = "last-event-id: ereo-end\r\n";

static BEGUN: AtomicUsize = AtomicUsize::new(0);

#[sse("/finished/progress")]
async fn progress() -> impl Stream<Item = Event> {
    BEGUN.fetch_add(1, Ordering::Relaxed);
    iter(["10", "50", "100"]).map(|done| Event::new(done).id(done).unwrap())
}

#[sse("/finished/nothing")]
async fn nothing() -> impl Stream<Item = String> {
    iter([])
}

#[sse("/finished/never")]
async fn never() -> impl Stream<Item = String> {
    iter(["first".to_owned()]).chain(pending())
}

#[sse("/finished/panics")]
async fn panics() -> impl Stream<Item = String> {
    futures_util::stream::unfold(0, |asked| async move {
        if asked == 1 {
            tokio::task::yield_now().await;
            panic!("on purpose");
        }
        Some(("one".to_owned(), asked + 1))
    })
}

#[sse("/finished/expires")]
async fn expires(held: Data<Held>, last: LastEventId) -> Subscription<String> {
    held.subscribe(last).expires_at(Duration::from_millis(200))
}

#[sse("/finished/room")]
async fn room(held: Data<Held>, last: LastEventId) -> Subscription<String> {
    held.subscribe(last)
}

/// A set that a test can drop.
struct Held(std::sync::Mutex<Option<ClientSet<String>>>);

impl Held {
    fn subscribe(&self, last: LastEventId) -> Subscription<String> {
        self.0.lock().unwrap().as_ref().expect("the set is there").subscribe(last)
    }
}

fn server() -> (Server, Data<Held>) {
    let held = Data::new(Held(std::sync::Mutex::new(Some(ClientSet::new()))));
    let data = held.clone();
    let server = serve(move |app| {
        let routes = ereo_runtime::routes().unwrap().only(module_path!());
        app.app_data(data.clone()).service(routes);
    });
    (server, held)
}

fn ended() -> Dispatched {
    let text = |text: &str| text.to_owned();
    Dispatched { event: text("ereo.end"), data: text("{}"), last_event_id: text("ereo-end") }
}

fn all(mut client: Client) -> Vec<Dispatched> {
    let events = std::iter::from_fn(|| client.event()).collect();
    assert!(client.ended);
    events
}

#[test]
fn a_stream_that_is_finished_says_so_last_and_is_not_begun_again() {
    let (server, _) = server();
    let events = all(Client::get(server.address, "/finished/progress"));
    let data: Vec<_> = events.iter().map(|event| event.data.as_str()).collect();
    assert_eq!(data, ["10", "50", "100", "{}"]);
    assert_eq!(events[3], ended());
    assert_eq!(all(Client::get(server.address, "/finished/nothing")), [ended()]);

    assert_eq!(BEGUN.load(Ordering::Relaxed), 1);
    let path = "/finished/progress";
    assert_eq!(Client::get_with(server.address, path, ENDED).status, 204);
    assert_eq!(get(server.address, "/finished/progress?lastEventID=ereo-end").status, 204);
    // A browser keeps what the page's URL said, and adds what it has learned.
    let came_with = "/finished/progress?a=b&lastEventID=e-1";
    assert_eq!(Client::get_with(server.address, came_with, ENDED).status, 204);
    assert_eq!(BEGUN.load(Ordering::Relaxed), 1, "the route's function was not asked");

    // Begun again on purpose, with the position of something else, or with one of its own.
    for headers in ["", "last-event-id: 50\r\n", "last-event-id: ereo-end-1\r\n"] {
        assert_eq!(Client::get_with(server.address, path, headers).status, 200);
    }
    let stale = "/finished/progress?lastEventID=ereo-end";
    assert_eq!(Client::get_with(server.address, stale, "last-event-id: 50\r\n").status, 200);
}

#[test]
fn a_set_that_is_gone_says_so() {
    let (server, held) = server();
    let mut client = Client::get(server.address, "/finished/room");
    client.read_until(|client| client.events.retry.is_some());
    let set = held.0.lock().unwrap().take().unwrap();
    set.broadcast(&"last words".to_owned()).unwrap();
    drop(set);
    let events = all(client);
    assert_eq!(events[0].data, "last words");
    assert_eq!(events[1..], [ended()]);
}

#[test]
fn what_ends_otherwise_is_not_finished() {
    let (server, _held) = server();
    let events = all(Client::get(server.address, "/finished/expires"));
    assert_eq!(events.last().unwrap().event, "ereo.expired");
    let mut client = Client::get(server.address, "/finished/panics");
    let mut events: Vec<Dispatched> = Vec::new();
    while let Ok(Some(event)) =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| client.event()))
    {
        events.push(event);
    }
    assert!(events.iter().all(|event| event.event != "ereo.end"), "{events:?}");
}

#[test]
fn a_drain_is_no_end() {
    let (mut server, _held) = server();
    let streams = ["/finished/never", "/finished/room"].map(|path| {
        let mut client = Client::get(server.address, path);
        client.read_until(|client| client.events.retry.is_some());
        client
    });
    server.begin_drain();
    for client in streams {
        let events = all(client);
        assert!(events.iter().all(|event| event.event != "ereo.end"), "{events:?}");
    }
}

/// The last handle of a set may go with the server, while its streams are still open.
#[test]
fn a_server_that_is_stopped_is_no_end() {
    for graceful in [true, false] {
        let (bound, address) = std::sync::mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let held = Data::new(Held(std::sync::Mutex::new(Some(ClientSet::new()))));
                let server = actix_web::HttpServer::new(move || {
                    let routes = ereo_runtime::routes().unwrap().only(module_path!());
                    actix_web::App::new().app_data(held.clone()).service(routes)
                })
                .workers(1)
                .shutdown_timeout(1)
                .disable_signals()
                .bind(("127.0.0.1", 0))
                .unwrap();
                bound.send(server.addrs()[0]).unwrap();
                let server = server.run();
                let handle = server.handle();
                actix_web::rt::spawn(async move {
                    let _ = stopped.await;
                    handle.stop(graceful).await;
                });
                server.await.unwrap();
            });
        });
        let mut client = Client::get(address.recv().unwrap(), "/finished/room");
        client.read_until(|client| client.events.retry.is_some());
        stop.send(()).unwrap();
        let events = all(client);
        assert!(events.iter().all(|event| event.event != "ereo.end"), "{events:?}");
        thread.join().unwrap();
    }
}
