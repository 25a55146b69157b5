//! A loader of another type than its live route: a list first, single items after, without a gap.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::web;
use actix_web::{HttpRequest, HttpResponse};
use ereo_runtime::Delivery;
use ereo_runtime::prelude::*;
use serde_json::{Value, json};

use crate::support::socket::{opened, text};
use crate::support::{Client, Server, get, serve_with};

/// One item of an inbox, numbered from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
struct Note {
    id: u64,
}

/// What a page shows at first.
#[derive(Debug, Serialize, Deserialize)]
struct Inbox {
    unread: u64,
    newest: Option<Note>,
}

struct Notes {
    /// Held by the one that adds.
    order: Mutex<()>,
    stored: Mutex<u64>,
    set: ClientSet<Note>,
}

impl Notes {
    /// Stores, then broadcasts: a loader may look in between.
    fn add(&self) {
        let _order = self.order.lock().unwrap();
        let id = {
            let mut stored = self.stored.lock().unwrap();
            *stored += 1;
            *stored
        };
        std::thread::yield_now();
        self.set.broadcast(&Note { id }).unwrap();
    }
}

#[sse("/notes")]
async fn notes(all: Data<Notes>, last: LastEventId) -> Subscription<Note> {
    all.set.subscribe(last)
}

#[loader("/notes/first", live = notes, changes)]
async fn first(all: Data<Notes>) -> Inbox {
    let unread = *all.stored.lock().unwrap();
    Inbox { unread, newest: (unread > 0).then_some(Note { id: unread }) }
}

/// Forwards the notes, with the position beside each, over a socket.
#[websocket("/notes/ws")]
async fn forwards(
    mut socket: Socket<String, Value>,
    all: Data<Notes>,
    last: LastEventId,
) -> Result<(), SocketError> {
    // Where a loader calls, it goes nowhere.
    socket.send(&json!({ "joined": true })).await?;
    let mut notes = all.set.subscribe(last);
    loop {
        tokio::select! {
            delivery = notes.recv() => match delivery {
                Some(Delivery::Message { message, position }) => {
                    socket.send(&json!({ "id": position, "note": *message })).await?;
                }
                other => panic!("{other:?}"),
            },
            said = socket.recv() => if said?.is_none() { return Ok(()) },
        }
    }
}

#[loader("/notes/ws/first", live = forwards, changes)]
async fn first_of_socket(all: Data<Notes>) -> Inbox {
    first(all).await
}

/// Wants to be told something before it subscribes.
#[websocket("/notes/asks")]
async fn asks(
    mut socket: Socket<String, Value>,
    all: Data<Notes>,
    last: LastEventId,
) -> Result<(), SocketError> {
    socket.recv().await?;
    all.set.subscribe(last).recv().await;
    Ok(())
}

#[loader("/notes/asks/first", live = asks, changes)]
async fn first_of_asking() -> u64 {
    0
}

/// A second loader of the same page.
#[loader("/notes/sum", live = notes, changes)]
async fn sum(all: Data<Notes>) -> u64 {
    *all.stored.lock().unwrap()
}

fn server() -> (Arc<Notes>, Server) {
    let set = ClientSet::builder().history(100_000).build();
    let all = Arc::new(Notes { order: Mutex::new(()), stored: Mutex::new(0), set });
    let data = Data::from(Arc::clone(&all));
    let page = |req: HttpRequest| async move {
        let (first, sum) = (first::load(&req).await?, sum::load(&req).await?);
        let html = first.script_as("inbox") + &sum.script_as("sum");
        Ok::<_, actix_web::Error>(HttpResponse::Ok().body(html))
    };
    let server = serve_with(2, std::time::Duration::from_secs(10), move |app| {
        app.app_data(data.clone())
            .service(ereo_runtime::routes().unwrap().only(module_path!()))
            .route("/notes/page", web::get().to(page));
    });
    (all, server)
}

/// Every note behind the loaded ones comes, in order, and none is left out.
fn goes_on_from(server: &Server, loaded: u64, position: &str, all: &Notes) {
    let mut stream = Client::get(server.address, &format!("/notes?lastEventID={position}"));
    all.add();
    let mut known = loaded;
    while known <= loaded {
        let event = stream.event().unwrap();
        assert_eq!(event.event, "message", "{}", event.data);
        let Note { id } = serde_json::from_str(&event.data).unwrap();
        assert!(id <= known + 1, "a gap: {known} are known, then {id}");
        known = known.max(id);
    }
}

#[test]
fn no_gap_between_a_list_and_its_changes_in_races() {
    const LOADERS: usize = 4;
    const ROUNDS: usize = 300;
    let (all, server) = server();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                all.add();
                std::thread::yield_now();
            }
        });
        let loaders: Vec<_> = (0..LOADERS)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        let loaded = get(server.address, "/notes/first");
                        let position = loaded.header("last-event-id").unwrap();
                        let Inbox { unread, .. } = serde_json::from_str(&loaded.body).unwrap();
                        goes_on_from(&server, unread, position, &all);
                    }
                })
            })
            .collect();
        let outcomes: Vec<_> =
            loaders.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        stop.store(true, Ordering::Relaxed);
        outcomes.into_iter().for_each(|outcome| outcome.unwrap());
    });
}

#[test]
fn a_page_carries_several_loaders_each_under_its_name() {
    let (all, server) = server();
    all.add();
    let html = get(server.address, "/notes/page").body;
    let position = all.set.position();
    let expected = format!(
        r#"<script type="application/json" id="inbox" data-last-event-id="{position}">{{"unread":1,"newest":{{"id":1}}}}</script><script type="application/json" id="sum" data-last-event-id="{position}">1</script>"#
    );
    assert_eq!(html, expected);
    goes_on_from(&server, 1, &position.to_string(), &all);
}

#[test]
fn no_gap_between_a_list_and_the_socket_that_goes_on_from_it() {
    const ROUNDS: usize = 300;
    let (all, server) = server();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                all.add();
                std::thread::yield_now();
            }
        });
        let loaders: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        let loaded = get(server.address, "/notes/ws/first");
                        let position = loaded.header("last-event-id").unwrap();
                        let Inbox { unread, .. } = serde_json::from_str(&loaded.body).unwrap();
                        let path = format!("/notes/ws?lastEventID={position}");
                        let mut socket = opened(server.address, &path);
                        assert_eq!(text(&mut socket), r#"{"joined":true}"#);
                        all.add();
                        let mut known = unread;
                        while known <= unread {
                            let message: Value = serde_json::from_str(&text(&mut socket)).unwrap();
                            let id = message["note"]["id"].as_u64().unwrap();
                            assert!(id <= known + 1, "a gap: {known} are known, then {id}");
                            known = known.max(id);
                        }
                    }
                })
            })
            .collect();
        let outcomes: Vec<_> =
            loaders.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        stop.store(true, Ordering::Relaxed);
        outcomes.into_iter().for_each(|outcome| outcome.unwrap());
    });
}

#[test]
fn a_socket_that_asks_before_it_subscribes_has_no_position() {
    let (all, server) = server();
    assert_eq!(get(server.address, "/notes/asks/first").status, 500);
    assert_eq!(all.set.len(), 0);
    assert_eq!(get(server.address, "/notes/ws/first").status, 200);
    assert_eq!(all.set.len(), 0, "a loader is no client");
}
