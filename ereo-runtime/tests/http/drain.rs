//! The stop: open streams end by themselves, and the server within its time.

use std::time::{Duration, Instant};

use actix_web::web::Data;
use ereo_runtime::{ClientSet, LastEventId, Subscription, sse};

use crate::support::{Client, Server, serve_with};

#[sse("/drain/feed", retry = "2s")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn server(set: &ClientSet<String>, within: Duration) -> Server {
    let set = Data::new(set.clone());
    serve_with(1, within, move |app| {
        app.app_data(set.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

#[test]
fn streams_end_with_a_retry_and_the_server_does_not_wait_for_its_whole_time() {
    let set = ClientSet::<String>::new();
    let server = server(&set, Duration::from_secs(60));
    let mut clients: Vec<_> = (0..50).map(|_| Client::get(server.address, "/drain/feed")).collect();
    for client in &mut clients {
        client.read_until(|client| client.events.retry.is_some());
    }
    set.broadcast(&"last words".to_owned()).unwrap();
    let begin = Instant::now();
    server.drain();
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    let mut retries = Vec::new();
    for mut client in clients {
        // What was broadcast before the drain still comes.
        assert_eq!(client.data(), "last words");
        assert!(client.event().is_none());
        assert!(client.body.ends_with(b"\n\n") && client.ended, "ended with its last chunk");
        retries.push(client.events.retry.unwrap());
    }
    // `retry` and up to three seconds of spread, not the same for all.
    assert!(retries.iter().all(|retry| (2000..=5000).contains(retry)), "{retries:?}");
    retries.sort_unstable();
    retries.dedup();
    assert!(retries.len() > 10, "{retries:?}");
    assert!(set.is_empty());
}

#[test]
fn a_client_that_does_not_read_is_cut_when_the_time_is_over() {
    let set = ClientSet::<String>::new();
    let server = server(&set, Duration::from_secs(2));
    let mut client = Client::get(server.address, "/drain/feed");
    client.read_until(|client| client.events.retry.is_some());
    // More than the socket's buffers hold, so that the body is not even polled any more.
    let message = "x".repeat(64 << 10);
    for _ in 0..128 {
        set.broadcast(&message).unwrap();
    }
    let begin = Instant::now();
    server.drain();
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    drop(client);
}
