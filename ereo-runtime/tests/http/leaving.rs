//! A client that leaves is gone at once, whatever way it leaves.

use std::time::Duration;

use actix_web::web::Data;
use ereo_runtime::{ClientSet, LastEventId, Realtime, Subscription, sse};
use tokio::sync::watch::Receiver;

use crate::support::{Client, Server, get, serve, serve_as};

/// No heartbeat: nothing but the connection itself can tell that a client left.
#[sse("/leaving/feed", heartbeat = "off")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn server(set: &ClientSet<String>) -> Server {
    let set = Data::new(set.clone());
    serve(move |app| {
        app.app_data(set.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

/// Waits for the number of clients, without time playing a part other than that of giving up.
async fn clients(watch: &mut Receiver<usize>, wanted: usize) {
    let reached = watch.wait_for(|clients| *clients == wanted);
    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, reached).await.expect("the clients are seen").unwrap();
}

#[tokio::test]
async fn a_client_that_closes_or_resets_leaves_at_once() {
    let set = ClientSet::<String>::new();
    let mut watch = set.watch_len();
    let server = server(&set);
    let open = || Client::get(server.address, "/leaving/feed");
    let (one, two, three) = (open(), open(), open());
    clients(&mut watch, 3).await;
    one.leave();
    clients(&mut watch, 2).await;
    two.reset();
    clients(&mut watch, 1).await;
    drop(three);
    clients(&mut watch, 0).await;
}

/// All that is sent to it is a heartbeat, and what it may owe an answer to.
#[sse("/leaving/heartbeats", heartbeat = "50ms")]
async fn heartbeats(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_peer_that_neither_answers_nor_closes_is_given_up() {
    let set = ClientSet::<String>::new();
    let mut watch = set.watch_len();
    let data = Data::new(set.clone());
    let second = Duration::from_secs(1);
    let settings = move |realtime: Realtime| realtime.tcp_user_timeout(second);
    let server = serve_as(1, 10 * second, settings, move |app| {
        app.app_data(data.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    });
    let silent = Client::get(server.address, "/leaving/heartbeats");
    let mut reader = Client::get(server.address, "/leaving/heartbeats");
    clients(&mut watch, 2).await;
    // Its buffers and the server's are full then; from there on it acknowledges nothing.
    let message = "x".repeat(64 << 10);
    for _ in 0..256 {
        set.broadcast(&message).unwrap();
        assert_eq!(reader.data(), message);
    }
    // It is lagging too, but whoever is not asked cannot be told.
    clients(&mut watch, 1).await;
    set.broadcast(&"still here".to_owned()).unwrap();
    assert_eq!(reader.data(), "still here");
    drop(silent);
}

/// Has subscribed when it refuses.
#[sse("/leaving/locked")]
async fn locked(
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> actix_web::Result<Subscription<String>> {
    let _subscription = set.subscribe(last);
    Err(actix_web::error::ErrorForbidden("locked"))
}

#[tokio::test]
async fn a_refused_request_never_counts() {
    let set = ClientSet::<String>::new();
    let server = server(&set);
    assert_eq!(get(server.address, "/leaving/locked").status, 403);
    assert!(!set.watch_len().has_changed().unwrap());
    assert!(set.is_empty());
}

#[tokio::test]
async fn a_thousand_clients_killed_in_mid_broadcast_leave_nothing_behind() {
    let set = ClientSet::<String>::new();
    let mut watch = set.watch_len();
    let server = server(&set);
    let clients_there: Vec<_> =
        (0..1000).map(|_| Client::get(server.address, "/leaving/feed")).collect();
    clients(&mut watch, 1000).await;
    let publisher = std::thread::spawn({
        let set = set.clone();
        move || {
            for n in 0..500 {
                set.broadcast(&n.to_string()).unwrap();
            }
        }
    });
    for (n, client) in clients_there.into_iter().enumerate() {
        if n % 2 == 0 { client.leave() } else { client.reset() }
    }
    publisher.join().unwrap();
    clients(&mut watch, 0).await;
}
