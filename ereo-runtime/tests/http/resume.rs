//! Where a client goes on: header, query, and what it is told when it cannot.

use actix_web::web::Data;
use ereo_runtime::{ClientSet, LastEventId, Position, Subscription, sse};

use crate::support::event_stream::Dispatched;
use crate::support::{Client, Server, serve};

#[sse("/resume/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

/// Only what is marked.
#[sse("/resume/marked", heartbeat = "off")]
async fn marked(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last).filter(|text| text.starts_with("marked"))
}

/// A set that has sent `1` to `10` and keeps the last four.
fn ten() -> (ClientSet<String>, Vec<Position>, Server) {
    let set = ClientSet::builder().history(4).build();
    let mut positions = vec![set.position()];
    positions
        .extend((1..=10).map(|n: u32| set.broadcast(&n.to_string()).unwrap().position().unwrap()));
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

type Way = fn(&Server, &str) -> Client;

/// Both ways for a position to come, each with its own connection.
const WAYS: [Way; 2] = [
    |server, position| by_header(server, "/resume/feed", position),
    |server, position| by_query(server, "/resume/feed", position),
];

fn by_header(server: &Server, path: &str, position: &str) -> Client {
    Client::get_with(server.address, path, &format!("last-event-id: {position}\r\n"))
}

fn by_query(server: &Server, path: &str, position: &str) -> Client {
    Client::get(server.address, &format!("{path}?lastEventID={position}"))
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
    for way in WAYS {
        let mut client = way(&server, &positions[7].to_string());
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
    for way in WAYS {
        let (set, positions, server) = ten();
        assert_eq!(way(&server, &positions[6].to_string()).data(), "7");
        let (_, event) = first(&set, way(&server, &positions[10].to_string()));
        assert_eq!(event.data, "11");
    }
}

#[test]
fn an_expired_position_is_told_with_how_many_are_missing() {
    for way in WAYS {
        let (set, positions, server) = ten();
        for (n, position) in positions.iter().enumerate().take(6) {
            let event = way(&server, &position.to_string()).event().unwrap();
            assert_eq!(event.event, "ereo.reset");
            assert_eq!(event.data, format!(r#"{{"reason":"expired","missed":{}}}"#, 10 - n));
            assert_eq!(event.last_event_id, positions[10].to_string());
        }
        let (mut client, _) = first(&set, way(&server, &positions[0].to_string()));
        assert_eq!(client.data(), "11");
    }
}

#[test]
fn a_position_of_another_life_is_told() {
    let (set, positions, server) = ten();
    let future = format!("{}-11", positions[0].epoch());
    for position in ["0123456789abcdef-3", "other-3", &future] {
        for way in WAYS {
            let mut client = way(&server, position);
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
    for way in WAYS {
        let mut client = way(&server, "other-3");
        client.event().unwrap();
        let body = String::from_utf8_lossy(&client.body);
        assert!(body.find("id:").unwrap() > body.find("event: ereo.reset").unwrap(), "{body}");
    }
}

/// What other systems hand out as ids, and what nobody does.
fn foreign() -> Vec<Vec<u8>> {
    let texts = [
        "42",
        "550e8400-e29b-41d4-a716-446655440000",
        "2024-01-01T00:00:00Z",
        "1704067200000-0",
        "nonsense",
        "1-2-3",
        "abc-",
        "-7",
        "abc-1x",
        "abc-18446744073709551616",
        "ereo.x",
        "null",
        "%",
        "\u{e9}",
        "\u{1f600}-1",
    ];
    let mut all: Vec<Vec<u8>> = texts.map(|text| text.as_bytes().to_vec()).to_vec();
    all.push(b"\xff\xfe-1".to_vec());
    all.push(vec![0x80; 200]);
    all.push(vec![b'a'; 4_000]);
    all
}

#[test]
fn a_position_of_others_is_told_as_one_of_another_life() {
    let (set, _, server) = ten();
    for id in foreign() {
        let path = feed::ROUTE;
        let escaped: String = id.iter().map(|byte| format!("%{byte:02x}")).collect();
        let by_header = [
            format!("GET {path} HTTP/1.1\r\nhost: test\r\nlast-event-id: ").as_bytes(),
            &id,
            b"\r\n\r\n",
        ]
        .concat();
        let by_query =
            format!("GET {path}?a=b&lastEventID={escaped} HTTP/1.1\r\nhost: test\r\n\r\n");
        for request in [by_header, by_query.into_bytes()] {
            let mut client = Client::send(server.address, &request);
            assert_eq!(client.status, 200, "{:?}", String::from_utf8_lossy(&request));
            let event = client.event().unwrap();
            assert_eq!(
                (&*event.event, &*event.data),
                ("ereo.reset", r#"{"reason":"epoch","missed":null}"#)
            );
            assert_eq!(event.last_event_id, set.position().to_string());
        }
    }
    // From now on.
    let (mut client, event) = first(&set, by_header(&server, "/resume/feed", "42"));
    assert_eq!((&*event.event, &*client.data()), ("ereo.reset", "11"));
}

#[test]
fn a_malformed_query_refuses_nobody() {
    let (_set, positions, server) = ten();
    let ours = &positions[8];
    for (query, data) in [
        (format!("lastEventID={ours}&lastEventID=42"), Some("9")),
        (format!("lastEventID=&lastEventID={ours}"), Some("9")),
        (format!("%ff=%&&=&lastEventID={ours}&"), Some("9")),
        (format!("lastEventID={ours}%00"), None),
        ("lastEventID=%".to_owned(), None),
        ("lastEventID=42&lastEventID=43".to_owned(), None),
    ] {
        let event = Client::get(server.address, &format!("/resume/feed?{query}")).event().unwrap();
        match data {
            Some(data) => assert_eq!(event.data, data, "{query}"),
            None => assert_eq!(event.event, "ereo.reset", "{query}"),
        }
    }
}

#[test]
fn an_empty_position_is_none_and_the_header_goes_before_the_query() {
    for way in WAYS {
        let (set, _, server) = ten();
        assert_eq!(first(&set, way(&server, "")).1.data, "11");
    }
    let (_set, positions, server) = ten();
    let header = format!("last-event-id: {}\r\n", positions[8]);
    let query = format!("/resume/feed?lastEventID={}", positions[7]);
    assert_eq!(Client::get_with(server.address, &query, &header).data(), "9");
}

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
    let last = before.broadcast(&"of the old life".to_owned()).unwrap().position().unwrap();
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
    let small = set.broadcast(&"small".to_owned()).unwrap().position().unwrap();
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

#[test]
fn behind_what_a_filter_left_out_comes_what_it_lets_through() {
    let set = ClientSet::builder().history(100).build();
    let server = serve_set(&set);
    let mut client = Client::get(server.address, "/resume/marked");
    client.read_until(|client| client.events.retry.is_some());
    let send = |text: &str, times: usize| {
        for _ in 0..times {
            set.broadcast(&text.to_owned()).unwrap();
        }
    };
    send("marked 1", 1);
    assert_eq!(client.data(), "marked 1");
    let marked = client.events.last_event_id.clone();
    send("left out", 80);
    client.read_until(|client| client.events.last_event_id != marked);
    let told = client.events.last_event_id.clone();
    client.leave();
    // The last event that the client got falls out; the position that it was told since does not.
    send("left out", 40);
    send("marked 2", 1);
    for by in [by_header, by_query] {
        assert_eq!(by(&server, "/resume/marked", &told).data(), "marked 2");
        let event = by(&server, "/resume/marked", &marked).event().unwrap();
        assert_eq!(event.event, "ereo.reset");
        assert_eq!(event.data, r#"{"reason":"expired","missed":121}"#);
    }
}

/// More than the sockets' buffers of both sides hold.
const LARGE: usize = 2_000;

#[test]
fn a_reader_that_is_overtaken_while_it_replays_ends_and_is_told_when_it_comes_back() {
    let set = ClientSet::builder().history(LARGE).max_bytes(64 << 20).build();
    let server = serve_set(&set);
    let start = set.position().to_string();
    let mut send = (1..).map(|n| set.broadcast(&format!("{n} {}", "x".repeat(16 << 10))).unwrap());
    send.by_ref().take(LARGE).for_each(drop);
    let mut replaying = WAYS.map(|way| way(&server, &start));
    for client in &mut replaying {
        assert!(client.data().starts_with("1 "), "the replay is under way");
    }
    // All that the replay was to give falls out.
    send.by_ref().take(LARGE).for_each(drop);
    for (way, mut client) in WAYS.into_iter().zip(replaying) {
        let mut got = 1;
        while let Some(event) = client.event() {
            got += 1;
            assert!(event.data.starts_with(&format!("{got} ")), "one after the other");
        }
        assert!(got < LARGE, "it was overtaken");
        let (event, data) = told(&mut way(&server, &client.events.last_event_id));
        let missed = 2 * LARGE - got;
        assert_eq!(event, "ereo.reset");
        assert_eq!(data, format!(r#"{{"reason":"expired","missed":{missed}}}"#));
    }
}
