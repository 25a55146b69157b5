//! The head of a stream and its first bytes.

use std::time::Duration;

use actix_web::web::Data;
use ereo_runtime::{ClientSet, LastEventId, Subscription, sse};

use crate::support::{Client, Server, serve};

#[sse("/defaults")]
async fn defaults(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[sse("/chosen", retry = "2s", heartbeat = "1s")]
async fn chosen(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn server(set: &ClientSet<String>) -> Server {
    let set = Data::new(set.clone());
    serve(move |app| {
        let routes = ereo_runtime::routes().unwrap().only(module_path!());
        app.app_data(set.clone()).service(routes);
    })
}

#[test]
fn head_tells_browsers_and_proxies_what_they_must_know() {
    let server = server(&ClientSet::new());
    let client = Client::get(server.address, "/defaults");
    assert_eq!(client.status, 200);
    assert_eq!(client.header("content-type"), Some("text/event-stream"));
    assert_eq!(client.header("cache-control"), Some("no-cache, no-transform"));
    assert_eq!(client.header("x-accel-buffering"), Some("no"));
}

#[test]
fn first_bytes_are_retry_and_position() {
    let set = ClientSet::new();
    set.broadcast(&"before".to_owned()).unwrap();
    let server = server(&set);
    let mut client = Client::get(server.address, "/chosen");
    client.read_until(|client| client.body.ends_with(b"\n\n"));
    let expected = format!("retry: 2000\nid: {}\n\n", set.position());
    assert_eq!(String::from_utf8_lossy(&client.body), expected);
    let mut client = Client::get(server.address, "/defaults");
    client.read_until(|client| client.events.retry.is_some());
    assert_eq!(client.events.retry, Some(1000));
}

#[test]
fn silence_is_broken_by_comments() {
    let server = server(&ClientSet::new());
    let mut client = Client::get(server.address, "/chosen");
    let begin = std::time::Instant::now();
    client.read_until(|client| client.events.comments == 2);
    // Two heartbeats of one second; only the lower bound can be relied on here.
    assert!(begin.elapsed() >= Duration::from_millis(1900), "{:?}", begin.elapsed());
    assert!(client.body.ends_with(b"\n\n:\n\n:\n\n"));
}
