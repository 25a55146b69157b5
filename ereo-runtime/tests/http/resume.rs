//! Where a client goes on: header, query, and what it is told when it cannot.

use actix_web::web::Data;
use ereo_runtime::{ClientSet, LastEventId, Position, Subscription, sse};

use crate::support::event_stream::Dispatched;
use crate::support::{Client, Server, get, serve};

#[sse("/resume/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

/// A set that has sent `1` to `10` and keeps the last four.
fn ten() -> (ClientSet<String>, Vec<Position>, Server) {
    let set = ClientSet::builder().history(4).build();
    let mut positions = vec![set.position()];
    positions.extend((1..=10).map(|n: u32| set.broadcast(&n.to_string()).unwrap()));
    let server = serve_set(&set);
    (set, positions, server)
}

/// The client's first event once the set has sent `11`.
fn first(set: &ClientSet<String>, mut client: Client) -> (Client, Dispatched) {
    client.read_until(|client| client.events.retry.is_some());
    set.broadcast(&"11".to_owned()).unwrap();
    let event = client.event().unwrap();
    (client, event)
}

fn by_header(server: &Server, position: &str) -> Client {
    Client::get_with(server.address, "/resume/feed", &format!("last-event-id: {position}\r\n"))
}

fn by_query(server: &Server, position: &str) -> Client {
    Client::get(server.address, &format!("/resume/feed?lastEventID={position}"))
}

#[test]
fn without_a_position_only_what_comes_next() {
    let (set, positions, server) = ten();
    let (client, event) = first(&set, Client::get(server.address, "/resume/feed"));
    assert_eq!(event.data, "11");
    assert!(String::from_utf8_lossy(&client.body).contains(&format!("id: {}\n\n", positions[10])));
}

#[test]
fn goes_on_behind_the_position() {
    let (_set, positions, server) = ten();
    for client in [by_header, by_query] {
        let mut client = client(&server, &positions[7].to_string());
        let opening = format!("retry: 1000\nid: {}\n\n", positions[7]);
        for (n, position) in (8..=10).zip(&positions[8..]) {
            let event = client.event().unwrap();
            assert_eq!((event.data, event.last_event_id), (n.to_string(), position.to_string()));
        }
        assert!(String::from_utf8_lossy(&client.body).starts_with(&opening));
    }
}

#[test]
fn exactly_at_the_end_and_exactly_before_the_oldest_lose_nothing() {
    let (set, positions, server) = ten();
    let mut at_oldest = by_header(&server, &positions[6].to_string());
    assert_eq!(at_oldest.data(), "7");
    let (_, event) = first(&set, by_header(&server, &positions[10].to_string()));
    assert_eq!(event.data, "11");
}

#[test]
fn an_expired_position_is_told_with_how_many_are_missing() {
    let (set, positions, server) = ten();
    for (n, position) in positions.iter().enumerate().take(6) {
        let mut client = by_query(&server, &position.to_string());
        let event = client.event().unwrap();
        assert_eq!(event.event, "ereo.reset");
        assert_eq!(event.data, format!(r#"{{"reason":"expired","missed":{}}}"#, 10 - n));
        assert_eq!(event.last_event_id, positions[10].to_string());
    }
    let (mut client, _) = first(&set, by_query(&server, &positions[0].to_string()));
    assert_eq!(client.data(), "11");
}

#[test]
fn a_position_of_another_life_is_told() {
    let (set, positions, server) = ten();
    let future = format!("{}-11", positions[0].epoch());
    for position in ["0123456789abcdef-3", "other-3", &future] {
        for client in [by_header, by_query] {
            let mut client = client(&server, position);
            let event = client.event().unwrap();
            assert_eq!(event.event, "ereo.reset", "{position}");
            assert_eq!(event.data, r#"{"reason":"epoch","missed":null}"#);
            assert_eq!(event.last_event_id, set.position().to_string());
        }
    }
}

#[test]
fn until_the_reset_is_read_the_client_keeps_its_own_position() {
    let (_set, _, server) = ten();
    let mut client = by_query(&server, "other-3");
    client.event().unwrap();
    let body = String::from_utf8_lossy(&client.body);
    assert!(body.find("id:").unwrap() > body.find("event: ereo.reset").unwrap(), "{body}");
}

#[test]
fn malformed_positions_are_bad_requests() {
    let (_set, _, server) = ten();
    for position in ["nonsense", "1-2-3", "abc-", "-7", "abc-1x", "abc-18446744073709551616"] {
        for client in [by_header, by_query] {
            let response = client(&server, position).finish();
            assert_eq!(response.status, 400, "{position}");
            assert!(response.body.contains("malformed last event id"), "{}", response.body);
        }
    }
    let not_text = Client::get_with(server.address, "/resume/feed", "last-event-id: \u{ff}-1\r\n");
    assert_eq!(not_text.status, 400);
}

#[test]
fn an_empty_position_is_none_and_the_header_goes_before_the_query() {
    let (set, positions, server) = ten();
    let (_, event) = first(&set, by_query(&server, ""));
    assert_eq!(event.data, "11");
    let header = format!("last-event-id: {}\r\n", positions[8]);
    let query = format!("/resume/feed?lastEventID={}", positions[7]);
    assert_eq!(Client::get_with(server.address, &query, &header).data(), "9");
    assert_eq!(get(server.address, "/resume/feed?lastEventID=%").status, 400);
}

/// Both ways for a position to come, each with its own connection.
const WAYS: [fn(&Server, &str) -> Client; 2] = [by_header, by_query];

fn serve_set(set: &ClientSet<String>) -> Server {
    let data = Data::new(set.clone());
    serve(move |app| {
        app.app_data(data.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

fn told(client: &mut Client) -> (String, String) {
    let event = client.event().unwrap();
    (event.event, event.data)
}

#[test]
fn a_restart_in_between_is_told_and_nothing_of_the_new_life_is_lost() {
    let before = ClientSet::<String>::new();
    let last = before.broadcast(&"of the old life".to_owned()).unwrap();
    drop(before);
    let after = ClientSet::new();
    after.broadcast(&"of the new life".to_owned()).unwrap();
    let server = serve_set(&after);
    for way in WAYS {
        let mut client = way(&server, &last.to_string());
        let reset = ("ereo.reset".to_owned(), r#"{"reason":"epoch","missed":null}"#.to_owned());
        assert_eq!(told(&mut client), reset);
        after.broadcast(&"next".to_owned()).unwrap();
        assert_eq!(told(&mut client), ("message".to_owned(), "next".to_owned()));
    }
}

#[test]
fn an_empty_history_goes_on_from_its_beginning() {
    let set = ClientSet::new();
    let start = set.position();
    let server = serve_set(&set);
    let mut clients = WAYS.map(|way| way(&server, &start.to_string()));
    for client in &mut clients {
        client.read_until(|client| client.events.last_event_id == start.to_string());
    }
    set.broadcast(&"first".to_owned()).unwrap();
    for client in &mut clients {
        assert_eq!(told(client), ("message".to_owned(), "first".to_owned()));
    }
}

#[test]
fn what_was_pushed_out_by_bytes_is_expired_as_by_count() {
    let set = ClientSet::builder().max_bytes(100).build();
    let small = set.broadcast(&"small".to_owned()).unwrap();
    for _ in 0..2 {
        set.broadcast(&"x".repeat(60)).unwrap();
    }
    let server = serve_set(&set);
    for way in WAYS {
        let (event, data) = told(&mut way(&server, &small.to_string()));
        assert_eq!((&*event, &*data), ("ereo.reset", r#"{"reason":"expired","missed":2}"#));
    }
}

#[test]
fn what_is_too_old_is_expired() {
    let set = ClientSet::builder().max_age(std::time::Duration::from_nanos(1)).build();
    let start = set.position();
    set.broadcast(&"old".to_owned()).unwrap();
    // The clock has gone on by more than a nanosecond when a client has connected.
    let server = serve_set(&set);
    for way in WAYS {
        let (event, data) = told(&mut way(&server, &start.to_string()));
        assert_eq!((&*event, &*data), ("ereo.reset", r#"{"reason":"expired","missed":1}"#));
    }
}
