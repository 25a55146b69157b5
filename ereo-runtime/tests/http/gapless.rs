//! A loader and its live route: nothing between the load and the stream is ever missed.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::test::TestRequest;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use ereo_runtime::{ClientSet, LastEventId, Message, Subscription, loader, sse};
use serde::{Deserialize, Serialize};

use crate::support::{Client, Server, get, serve_with};

/// A counter whose every state is broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
struct Count {
    count: u64,
}

struct Counter {
    count: Mutex<u64>,
    set: ClientSet<Count>,
}

impl Counter {
    fn rise(&self) {
        let mut count = self.count.lock().unwrap();
        *count += 1;
        self.set.broadcast(&Count { count: *count }).unwrap();
    }
}

#[loader("/rooms/{room}/count", live = counts)]
async fn count(counter: Data<Counter>, room: String) -> actix_web::Result<Count> {
    assert_eq!(room, "one");
    Ok(Count { count: *counter.count.lock().unwrap() })
}

#[sse("/rooms/{room}/counts")]
async fn counts(
    room: String,
    counter: Data<Counter>,
    last: LastEventId,
) -> Result<Subscription<Count>, actix_web::Error> {
    if room == "locked" {
        return Err(actix_web::error::ErrorForbidden("locked"));
    }
    Ok(counter.set.subscribe(last))
}

fn server() -> (Arc<Counter>, Server) {
    let set = ClientSet::builder().history(100_000).build();
    let counter = Arc::new(Counter { count: Mutex::new(0), set });
    let data = Data::from(Arc::clone(&counter));
    let page = |req: HttpRequest| async move {
        Ok::<_, actix_web::Error>(HttpResponse::Ok().body(count::load(&req).await?.script()))
    };
    let server = serve_with(2, std::time::Duration::from_secs(10), move |app| {
        app.app_data(data.clone())
            .service(ereo_runtime::routes().unwrap().only(module_path!()))
            .route("/rooms/{room}/page", web::get().to(page));
    });
    (counter, server)
}

/// The first state that the stream brings after the loaded one, read from the loader's position.
fn goes_on_from(server: &Server, loaded: u64, position: &str, counter: &Counter) {
    let mut stream =
        Client::get(server.address, &format!("/rooms/one/counts?lastEventID={position}"));
    counter.rise();
    let mut last = None;
    loop {
        let event = stream.event().unwrap();
        assert_eq!(event.event, "message", "{}", event.data);
        let Count { count } = serde_json::from_str(&event.data).unwrap();
        // The position is from before the load, so the first is the loaded state's successor or
        // older; from then on every state comes.
        match last {
            None => assert!(count <= loaded + 1, "a gap: loaded {loaded}, then {count}"),
            Some(last) => assert_eq!(count, last + 1),
        }
        last = Some(count);
        if count > loaded {
            return;
        }
    }
}

#[test]
fn no_gap_in_thousands_of_races() {
    const LOADERS: usize = 4;
    const ROUNDS: usize = 600;
    let (counter, server) = server();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                counter.rise();
                std::thread::yield_now();
            }
        });
        let loaders: Vec<_> = (0..LOADERS)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        let loaded = get(server.address, "/rooms/one/count");
                        let position = loaded.header("last-event-id").unwrap();
                        let Count { count } = serde_json::from_str(&loaded.body).unwrap();
                        goes_on_from(&server, count, position, &counter);
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
fn the_embedded_script_carries_data_and_position() {
    let (counter, server) = server();
    counter.rise();
    let html = get(server.address, "/rooms/one/page").body;
    let position = counter.set.position();
    let expected = format!(
        r#"<script type="application/json" id="__EREO_DATA__" data-last-event-id="{position}">{{"count":1}}</script>"#
    );
    assert_eq!(html, expected);
    goes_on_from(&server, 1, &position.to_string(), &counter);
}

#[test]
fn the_live_routes_refusal_is_the_loaders() {
    let (_counter, server) = server();
    let refused = get(server.address, "/rooms/locked/count");
    assert_eq!((refused.status, refused.body.as_str()), (403, "locked"));
}

#[test]
fn loading_does_not_count_as_a_client() {
    let (counter, server) = server();
    let watch = counter.set.watch_len();
    assert_eq!(get(server.address, "/rooms/one/count").status, 200);
    assert!(!watch.has_changed().unwrap());
}

#[test]
fn an_unchanged_answer_is_304_with_the_position_of_now() {
    let (counter, server) = server();
    let first = get(server.address, "/rooms/one/count");
    let tag = format!("if-none-match: {}\r\n", first.header("etag").unwrap());
    let same = Client::get_with(server.address, "/rooms/one/count", &tag);
    assert_eq!(same.status, 304);
    assert_eq!(same.header("last-event-id"), first.header("last-event-id"));
    counter.rise();
    assert_eq!(Client::get_with(server.address, "/rooms/one/count", &tag).status, 200);
}

#[actix_web::test]
async fn load_can_be_called_by_hand_with_the_data_at_hand() {
    let set = ClientSet::builder().build();
    let counter = Data::new(Counter { count: Mutex::new(7), set });
    let request = TestRequest::default().param("room", "one").app_data(counter).to_http_request();
    let data = count::load(&request).await.unwrap();
    assert_eq!((data.count, data.json()), (7, r#"{"count":7}"#));
    assert_eq!(data.position().unwrap().offset(), 0);
}
