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
    assert!(set.stats().clients <= 2);
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

/// What a client that had stalled was told when it reads again, up to the last message.
struct CaughtUp {
    got: usize,
    /// How often it lagged: once, unless the kernel found room in its buffers meanwhile.
    resets: usize,
    missed: usize,
    /// Those behind the last reset.
    since: Vec<usize>,
}

fn catch_up(client: &mut Client) -> CaughtUp {
    let mut caught_up = CaughtUp { got: 0, resets: 0, missed: 0, since: Vec::new() };
    while caught_up.since.last() != Some(&(MESSAGES - 1)) {
        let event = client.event().unwrap();
        if event.event == "message" {
            let number = number(&event.data);
            assert_eq!(number, caught_up.got + caught_up.missed, "in order, all others told");
            caught_up.got += 1;
            caught_up.since.push(number);
        } else {
            assert_eq!(event.event, "ereo.reset");
            let missed = event.data.strip_prefix(r#"{"reason":"lagged","missed":"#);
            caught_up.missed +=
                missed.unwrap().strip_suffix('}').unwrap().parse::<usize>().unwrap();
            caught_up.resets += 1;
            caught_up.since.clear();
        }
    }
    caught_up
}

#[test]
fn skip_to_oldest_tells_how_many_are_missing_and_goes_on() {
    let (_set, mut stalled, _server) = stalled_beside_a_reader(OnLag::SkipToOldest);
    let caught_up = catch_up(&mut stalled);
    assert!(caught_up.resets > 0);
    // More than the history, as far as that is of the last moment.
    assert!(caught_up.since.len() >= 8, "{}", caught_up.since.len());
}

#[test]
fn keep_latest_tells_how_many_are_missing_and_goes_on_with_the_newest() {
    let (set, mut stalled, _server) = stalled_beside_a_reader(OnLag::KeepLatest);
    let caught_up = catch_up(&mut stalled);
    assert!(caught_up.resets > 0);
    assert_eq!(caught_up.since, [MESSAGES - 1]);
    set.broadcast(&message(MESSAGES)).unwrap();
    assert_eq!(number(&stalled.data()), MESSAGES);
}

#[test]
fn clients_that_lag_together_come_back_one_after_the_other() {
    let set = ClientSet::builder().history(8).max_bytes(1 << 20).build();
    let data = Data::new(set.clone());
    let server = serve(move |app| {
        app.app_data(data.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    });
    let client = |_| Client::get(server.address, "/backpressure/feed");
    let mut clients = Vec::from_iter((0..20).map(client));
    for client in &mut clients {
        client.read_until(|client| client.events.retry.is_some());
    }
    for n in 0..MESSAGES {
        set.broadcast(&message(n)).unwrap();
    }
    let mut retries = Vec::from_iter(clients.iter_mut().map(|client| {
        assert!(read_in_order(client).1.is_none());
        assert!(client.body.ends_with(b"\n\n") && client.ended, "ended with its last chunk");
        client.events.retry.unwrap()
    }));
    assert_eq!(set.stats().disconnected, 20);
    // The route's own, and up to three seconds of spread.
    assert!(retries.iter().all(|retry| (1000..=4000).contains(retry)), "{retries:?}");
    retries.sort_unstable();
    retries.dedup();
    assert!(retries.len() > 7, "{retries:?}");
}

#[test]
fn a_route_has_a_policy_of_its_own() {
    let (set, mut stalled, _server) = stalled_on("/backpressure/latest", OnLag::Disconnect);
    let caught_up = catch_up(&mut stalled);
    assert_eq!(caught_up.since, [MESSAGES - 1]);
    let stats = set.stats();
    let told = [caught_up.resets, caught_up.missed].map(|told| u64::try_from(told).unwrap());
    assert_eq!(([stats.lagged, stats.missed], stats.disconnected), (told, 0));
}
