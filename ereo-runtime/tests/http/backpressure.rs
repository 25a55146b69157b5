//! A client that does not read costs the others nothing, and learns what it missed.

use actix_web::web::Data;
use ereo_runtime::{ClientSet, LastEventId, OnLag, Subscription, sse};

use crate::support::{Client, serve};

#[sse("/backpressure/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

/// The key goes before the set's.
#[sse("/backpressure/latest", on_lag = "keep-latest")]
async fn latest(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

/// More than the sockets' buffers of both sides hold.
const MESSAGES: usize = 2_000;
const SIZE: usize = 16 << 10;

fn message(n: usize) -> String {
    format!("{n} {}", "x".repeat(SIZE))
}

fn number(data: &str) -> usize {
    data.split(' ').next().unwrap().parse().unwrap()
}

fn stalled_beside_a_reader(on_lag: OnLag) -> (ClientSet<String>, Client, crate::support::Server) {
    stalled_on("/backpressure/feed", on_lag)
}

fn stalled_on(path: &str, on_lag: OnLag) -> (ClientSet<String>, Client, crate::support::Server) {
    let set = ClientSet::builder().history(8).on_lag(on_lag).build();
    let data = Data::new(set.clone());
    let server = serve(move |app| {
        app.app_data(data.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    });
    let mut stalled = Client::get(server.address, path);
    let mut reader = Client::get(server.address, "/backpressure/feed");
    for client in [&mut stalled, &mut reader] {
        client.read_until(|client| client.events.retry.is_some());
    }
    for n in 0..MESSAGES {
        set.broadcast(&message(n)).unwrap();
        // The reader gets every single one, in order, while the other one stands still.
        assert_eq!(number(&reader.data()), n);
    }
    let stats = set.stats();
    assert!(stats.lagged <= 1 && stats.clients <= 2, "the reader never lags: {stats:?}");
    (set, stalled, server)
}

/// Reads what is there in order, until something else than the next number comes.
fn read_in_order(client: &mut Client) -> (usize, Option<crate::support::event_stream::Dispatched>) {
    for n in 0.. {
        match client.event() {
            Some(event) if event.event == "message" && number(&event.data) == n => {}
            other => return (n, other),
        }
    }
    unreachable!("the numbers end")
}

#[test]
fn disconnect_ends_the_stream_and_the_next_one_tells_what_is_missing() {
    let (_set, mut stalled, server) = stalled_beside_a_reader(OnLag::Disconnect);
    let (got, then) = read_in_order(&mut stalled);
    assert!(then.is_none() && got < MESSAGES, "{got} {then:?}");
    let header = format!("last-event-id: {}\r\n", stalled.events.last_event_id);
    let reset = Client::get_with(server.address, "/backpressure/feed", &header).event().unwrap();
    assert_eq!(reset.event, "ereo.reset");
    let missed = MESSAGES - got;
    assert_eq!(reset.data, format!(r#"{{"reason":"expired","missed":{missed}}}"#));
}

#[test]
fn skip_to_oldest_tells_how_many_are_missing_and_goes_on() {
    let (_set, mut stalled, _server) = stalled_beside_a_reader(OnLag::SkipToOldest);
    let (got, reset) = read_in_order(&mut stalled);
    let reset = reset.unwrap();
    let missed = MESSAGES - 8 - got;
    assert_eq!(reset.event, "ereo.reset");
    assert_eq!(reset.data, format!(r#"{{"reason":"lagged","missed":{missed}}}"#));
    for n in MESSAGES - 8..MESSAGES {
        assert_eq!(number(&stalled.data()), n);
    }
}

#[test]
fn keep_latest_tells_how_many_are_missing_and_goes_on_with_the_newest() {
    let (set, mut stalled, _server) = stalled_beside_a_reader(OnLag::KeepLatest);
    let (got, reset) = read_in_order(&mut stalled);
    let missed = MESSAGES - 1 - got;
    assert_eq!(reset.unwrap().data, format!(r#"{{"reason":"lagged","missed":{missed}}}"#));
    assert_eq!(number(&stalled.data()), MESSAGES - 1);
    set.broadcast(&message(MESSAGES)).unwrap();
    assert_eq!(number(&stalled.data()), MESSAGES);
}

#[test]
fn a_route_has_a_policy_of_its_own() {
    let (set, mut stalled, _server) = stalled_on("/backpressure/latest", OnLag::Disconnect);
    let (got, reset) = read_in_order(&mut stalled);
    let missed = MESSAGES - 1 - got;
    assert_eq!(reset.unwrap().data, format!(r#"{{"reason":"lagged","missed":{missed}}}"#));
    assert_eq!(number(&stalled.data()), MESSAGES - 1);
    let stats = set.stats();
    let told = u64::try_from(missed).unwrap();
    assert_eq!((stats.lagged, stats.disconnected, stats.missed), (1, 0, told));
}
