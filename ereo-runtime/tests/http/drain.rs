//! The stop: open streams end by themselves, and the server within its time.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use actix_web::web::Data;
use ereo_runtime::prelude::{Connection, RoomFull, Seat, SocketError, websocket};
use ereo_runtime::{ClientSet, LastEventId, Subscription, sse};

use crate::support::socket::joined;
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

struct Member {
    #[expect(dead_code, reason = "it is a seat as long as it is held")]
    seat: Seat<String>,
}

#[websocket("/drain/ws")]
impl Member {
    async fn open(
        connection: Connection<String>,
        set: Data<ClientSet<String>>,
    ) -> Result<Self, RoomFull> {
        let seat = set.join(&connection)?;
        connection.send(&"joined".to_owned()).await.unwrap();
        Ok(Self { seat })
    }

    async fn message(&mut self, _: String) -> Result<(), SocketError> {
        Ok(())
    }
}

/// A hundred clients whose buffers are full, so that the bodies of those that actix has are not even
/// asked any more: how long the drain takes.
///
/// Whoever is slow with a request is none of ours and may have what is left of the time.
fn drain_of_those_who_do_not_read(within: Duration, slow: bool) -> Duration {
    let set = ClientSet::builder().history(1024).max_bytes(64 << 20).build();
    let server = server(&set, within);
    let mut streams = Vec::from_iter((0..50).map(|_| Client::get(server.address, "/drain/feed")));
    for client in &mut streams {
        client.read_until(|client| client.events.retry.is_some());
    }
    let sockets = Vec::from_iter((0..50).map(|_| joined(server.address, "/drain/ws")));
    let message = "x".repeat(64 << 10);
    for _ in 0..128 {
        set.broadcast(&message).unwrap();
    }
    let slow = slow.then(|| {
        let mut slow = TcpStream::connect(server.address).unwrap();
        slow.write_all(b"GET /drain/feed HTTP/1.1\r\nhost: test\r\n").unwrap();
        slow
    });
    std::thread::sleep(Duration::from_millis(500));
    let begin = Instant::now();
    server.drain();
    let took = begin.elapsed();
    drop((streams, sockets, slow));
    took
}

#[test]
fn clients_that_do_not_read_are_cut_before_the_time_is_over() {
    let took = drain_of_those_who_do_not_read(Duration::from_secs(3), true);
    assert!(took <= Duration::from_secs(3), "{took:?}");
    let took = drain_of_those_who_do_not_read(Duration::from_secs(6), true);
    assert!(took <= Duration::from_secs(6), "{took:?}");
}

/// actix looks whether connections are gone every second only: none may be left when it begins.
#[cfg(target_os = "linux")]
#[test]
fn clients_that_do_not_read_are_cut_within_a_second_as_well() {
    let took = drain_of_those_who_do_not_read(Duration::from_secs(1), false);
    assert!(took <= Duration::from_secs(1), "{took:?}");
}
