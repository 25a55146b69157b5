//! The inspector over real sockets: whom it answers, what it shows, and what it ends.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use actix_web::web::{Data, ServiceConfig};
use ereo_runtime::inspector::{Inspector, inspector};
use ereo_runtime::prelude::*;
use serde_json::Value;

use crate::support::server::{lean, serve_limited};
use crate::support::socket::{joined, opened, text};
use crate::support::{Client, Server, serve_with};

type Lines = Data<ClientSet<String>>;

#[sse("/inspected/feed", heartbeat = "off")]
async fn feed(set: Lines, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[sse("/inspected/rooms/{room}", heartbeat = "off")]
async fn room(room: String, set: Lines, last: LastEventId) -> Subscription<String> {
    set.room(room).subscribe(last)
}

#[sse("/inspected/panics", heartbeat = "off")]
async fn panics() -> impl futures_util::Stream<Item = String> {
    futures_util::stream::once(async { panic!("on purpose") })
}

#[sse("/inspected/refuses")]
async fn refuses() -> Result<Subscription<String>, actix_web::Error> {
    Err(actix_web::error::ErrorForbidden("nobody"))
}

#[websocket("/inspected/ws")]
async fn talk(mut socket: Socket<String, String>, set: Lines) -> Result<(), SocketError> {
    let seat = set.join(&socket)?;
    socket.send(&"joined".to_owned()).await?;
    while let Some(line) = socket.recv().await? {
        seat.broadcast(&line)?;
    }
    Ok(())
}

fn routes(
    set: &ClientSet<String>,
    inspector: impl Fn() -> Inspector + Send + Clone + 'static,
) -> impl Fn(&mut ServiceConfig) + Send + Clone + 'static {
    let set = Data::new(set.clone());
    move |app| {
        let routes = ereo_runtime::routes().unwrap().only(module_path!());
        app.app_data(set.clone()).service(inspector()).service(routes.prefix("/v1"));
    }
}

fn server(workers: usize, set: &ClientSet<String>) -> Server {
    serve_with(workers, Duration::from_secs(10), routes(set, || inspector("/__ereo")))
}

fn ask(address: SocketAddr, method: &str, path: &str, headers: &str) -> Answer {
    let request = format!("{method} {path} HTTP/1.1\r\n{headers}content-length: 0\r\n\r\n");
    let answer = Client::send(address, request.as_bytes()).finish();
    Answer { status: answer.status, head: answer.head, body: answer.body }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

/// As a page of the server's own.
const LOCAL: &str = "host: localhost:1\r\norigin: http://localhost:1\r\n";

fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, "GET", path, LOCAL)
}

fn data(address: SocketAddr) -> Value {
    let answer = get(address, "/__ereo/data");
    assert_eq!(answer.status, 200, "{}", answer.head);
    serde_json::from_str(&answer.body).unwrap()
}

/// What a snapshot says, once it does: a new one is made each second.
fn until<T>(address: SocketAddr, mut found: impl FnMut(&Value) -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        let all = data(address);
        if let Some(found) = found(&all["snapshot"]) {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{all:#}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn row(rows: &Value, is: impl Fn(&Value) -> bool) -> Option<Value> {
    rows.as_array()?.iter().find(|row| is(row)).cloned()
}

const FILES: [&str; 5] =
    ["/__ereo", "/__ereo/inspector.js", "/__ereo/inspector.css", "/__ereo/ereo.js", "/__ereo/data"];

#[test]
fn who_sits_at_the_machine_is_answered_and_nobody_else() {
    let set = ClientSet::new();
    let server = server(1, &set);
    let paths = FILES.into_iter().chain([
        "/__ereo/stream",
        "/__ereo/find?text=a",
        "/__ereo/find?%ff",
        "/__ereo/end?id=1",
        "/__ereo/end",
    ]);
    for path in paths {
        for headers in [
            "host: evil.example\r\n",
            "host: localhost\r\nx-forwarded-for: 192.0.2.1\r\n",
            "host: localhost\r\norigin: http://evil.example\r\n",
            "host: localhost\r\nsec-fetch-site: cross-site\r\n",
        ] {
            for method in ["GET", "POST", "PUT"] {
                let answer = ask(server.address, method, path, headers);
                let foreign =
                    method != "GET" && (headers.contains("origin") || headers.contains("fetch"));
                assert_eq!(
                    answer.status,
                    if foreign { 403 } else { 404 },
                    "{method} {path} {headers}"
                );
                assert!(foreign || answer.body.is_empty(), "{}", answer.body);
            }
        }
    }
    for path in FILES {
        let answer = ask(server.address, "GET", path, "host: 127.0.0.1:80\r\n");
        assert_eq!(answer.status, 200, "{path}");
    }
    let page = get(server.address, "/__ereo");
    let policy =
        page.head.lines().find(|line| line.starts_with("content-security-policy")).unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(
        !page.body.contains("<style")
            && !page.body.contains("style=")
            && !page.body.contains("onclick")
    );
    assert_eq!(ask(server.address, "PUT", "/__ereo", LOCAL).status, 405);
}

#[test]
fn in_a_release_build_a_guard_says_who() {
    let set = ClientSet::new();
    let closed = || inspector("/__ereo").as_in_release();
    let server = serve_with(1, Duration::from_secs(10), routes(&set, closed));
    for path in FILES {
        assert_eq!(get(server.address, path).status, 404, "{path}");
    }
    assert_eq!(ask(server.address, "POST", "/__ereo/end?id=1", LOCAL).status, 404);
    drop(server);

    let guarded = || {
        inspector("/__ereo")
            .as_in_release()
            .allow(|req| req.headers().get("x-role").is_some_and(|role| role == "operator"))
    };
    let server = serve_with(1, Duration::from_secs(10), routes(&set, guarded));
    let operator = "host: app.example\r\nx-role: operator\r\n";
    for path in FILES {
        assert_eq!(ask(server.address, "GET", path, "host: app.example\r\n").status, 404, "{path}");
        assert_eq!(ask(server.address, "GET", path, operator).status, 200, "{path}");
    }
    let foreign = format!("{operator}origin: https://evil.example\r\n");
    assert_eq!(ask(server.address, "POST", "/__ereo/end?id=1", &foreign).status, 403);
    assert_eq!(ask(server.address, "POST", "/__ereo/end?id=1", operator).status, 403);
    let own = format!("{operator}origin: https://app.example\r\n");
    assert_eq!(ask(server.address, "POST", "/__ereo/end?id=1", &own).status, 404);
    let beginning = ask(server.address, "GET", "/__ereo/data", operator).body;
    assert!(beginning.contains(r#""payloads":false"#), "{beginning}");
}

#[test]
fn connections_are_seen_with_what_they_read_and_can_be_ended() {
    for workers in [1, 2] {
        let set = ClientSet::<String>::new();
        let server = server(workers, &set);
        let address = server.address;
        let mut feeds: Vec<_> =
            (0..12).map(|_| Client::get(address, "/v1/inspected/feed?token=a-secret")).collect();
        let mut socket = joined(address, "/v1/inspected/ws?token=a-secret");
        let _room =
            Client::get_with(address, "/v1/inspected/rooms/lobby", "cookie: id=a-secret\r\n");
        for number in 0..100 {
            set.broadcast(&number.to_string()).unwrap();
        }
        for feed in &mut feeds {
            feed.read_until(|feed| feed.body.ends_with(b"-100\n\n"));
        }
        let last = set.position().to_string();
        let seen = until(address, |snapshot| {
            let rows = snapshot["connections"]["rows"].as_array()?;
            let reads_all =
                |row: &&Value| row["reads"]["position"] == last && row["reads"]["lag"] == 0;
            let all = rows.iter().filter(reads_all).count() == 13;
            (all && snapshot["connections"]["total"] == 14).then(|| snapshot.clone())
        });
        let row_of =
            |route: &str| row(&seen["connections"]["rows"], |row| row["route"] == route).unwrap();
        let one = row_of("/v1/inspected/feed");
        assert_eq!(
            (&one["kind"], &one["lean"], &one["missed"]),
            (&"sse".into(), &lean().into(), &0.into())
        );
        assert!(one["messages"].as_u64().unwrap() >= 100, "{one}");
        assert_eq!(row_of("/v1/inspected/ws")["messages"], 101, "{seen:#}");
        assert!(row_of("/v1/inspected/ws")["peer"].as_str().unwrap().starts_with("127.0.0.1:"));
        assert!(!seen.to_string().contains("secret"), "{seen}");
        let routes = &seen["routes"];
        let of_path = |path: &str| row(routes, |row| row["path"] == path).unwrap();
        assert_eq!(of_path("/v1/inspected/feed")["open"], 12);
        assert_eq!(of_path("/v1/inspected/rooms/{room}")["params"][0], "room");
        assert!(of_path("/v1/inspected/ws")["line"].as_u64().unwrap() > 0);
        let sets = &seen["sets"]["rows"];
        let whole = row(sets, |row| row["isRoom"] == false).unwrap();
        assert_eq!(
            (&whole["name"], &whole["readers"], &whole["kept"]),
            (&"String".into(), &13.into(), &100.into())
        );
        assert!(
            row(sets, |row| row["name"] == "String / lobby" && row["readers"] == 1).is_some(),
            "{sets}"
        );

        // A page that looks is none of what it shows; one is ended, and the others go on.
        let mut looks =
            Client::send(address, format!("GET /__ereo/stream HTTP/1.1\r\n{LOCAL}\r\n").as_bytes());
        let id = one["id"].as_u64().unwrap();
        let end = format!("/__ereo/end?id={id}");
        assert_eq!(ask(address, "POST", &end, LOCAL).status, 204);
        assert_eq!(ask(address, "POST", "/__ereo/end?id=18446744073709551615", LOCAL).status, 404);
        assert_eq!(ask(address, "POST", "/__ereo/end?id=x", LOCAL).status, 400);
        let shown: Value = loop {
            let shown: Value = serde_json::from_str(&looks.data()).unwrap();
            if shown["connections"]["total"] == 13 {
                break shown;
            }
        };
        assert!(row(&shown["connections"]["rows"], |row| row["id"] == id).is_none());
        assert_eq!(ask(address, "POST", &end, LOCAL).status, 404);
        let ended = feeds.iter_mut().filter_map(|feed| {
            set.broadcast(&"on".to_owned()).unwrap();
            loop {
                let event = feed.event()?;
                if event.event == "ereo.closed" {
                    return Some(event.data);
                }
                if event.data == "on" {
                    return None;
                }
            }
        });
        let ended: Vec<_> = ended.collect();
        assert_eq!(ended, [r#"{"code":4000,"reason":"ended by the inspector","final":false}"#]);

        // A socket is ended by its close code.
        let id = row_of("/v1/inspected/ws")["id"].as_u64().unwrap();
        assert_eq!(ask(address, "POST", &format!("/__ereo/end?id={id}"), LOCAL).status, 204);
        let close = loop {
            match socket.read().unwrap() {
                tungstenite::Message::Close(frame) => break frame.unwrap(),
                _ => continue,
            }
        };
        assert_eq!(
            (u16::from(close.code), close.reason.as_str()),
            (4000, "ended by the inspector")
        );
    }
}

#[test]
fn one_that_does_not_read_is_the_slowest() {
    let set = ClientSet::<String>::builder().history(100_000).max_bytes(256 << 20).build();
    let server = server(1, &set);
    let address = server.address;
    let mut quick: Vec<_> = (0..10).map(|_| Client::get(address, "/v1/inspected/feed")).collect();
    let slow = Client::get(address, "/v1/inspected/feed");
    until(address, |seen| (seen["connections"]["total"] == 11).then_some(()));
    let large = "x".repeat(64 << 10);
    for _ in 0..400 {
        set.broadcast(&large).unwrap();
        for client in &mut quick {
            client.data();
        }
    }
    let (id, lag) = until(address, |seen| {
        let slowest = &seen["connections"]["slowest"];
        let row = row(&seen["connections"]["rows"], |row| row["id"] == slowest[0])?;
        let lag = row["reads"]["lag"].as_u64().filter(|lag| *lag > 50)?;
        let others =
            seen["connections"]["rows"].as_array()?.iter().filter(|row| row["reads"]["lag"] == 0);
        (others.count() == 10).then(|| (row["id"].clone(), lag))
    });
    let of_set = until(address, |seen| Some(seen["sets"]["rows"][0]["slowest"].clone()));
    assert_eq!((&of_set["id"], of_set["lag"].as_u64()), (&id, Some(lag)));
    drop(slow);
    until(address, |seen| (seen["connections"]["total"] == 10).then_some(()));
}

#[test]
fn a_search_finds_what_the_lists_do_not_show() {
    let set = ClientSet::new();
    let server = server(1, &set);
    let address = server.address;
    let _feed = Client::get(address, "/v1/inspected/feed?token=a-secret");
    let mut socket = opened(address, "/v1/inspected/ws");
    assert_eq!(text(&mut socket), "joined");
    let found = |text: &str| -> Vec<Value> {
        serde_json::from_str(&get(address, &format!("/__ereo/find?text={text}")).body).unwrap()
    };
    assert_eq!(found("WS").len(), 1);
    assert_eq!(found("127.0.0.1").len(), 2);
    assert_eq!(found("").len(), 2);
    assert_eq!(found("secret").len(), 0);
    let id = found("inspected/ws")[0]["id"].to_string();
    assert_eq!(found(&id)[0]["kind"], "websocket");
}

#[test]
fn what_goes_wrong_is_counted_with_its_reason_and_route() {
    let set = ClientSet::<String>::builder().history(2).build();
    let limits = ereo_runtime::Limits::new().connections(3);
    let server =
        serve_limited(1, Duration::from_secs(10), limits, routes(&set, || inspector("/__ereo")));
    let address = server.address;
    let foreign = set.position().to_string().replace(|c: char| c.is_ascii_hexdigit(), "1");
    let back = |id: &str| {
        Client::get_with(address, "/v1/inspected/feed", &format!("last-event-id: {id}\r\n"))
    };
    let mut reset = back(&foreign);
    assert_eq!(reset.event().unwrap().event, "ereo.reset");
    let first = set.position().to_string();
    (0..2000).for_each(|_| drop(set.broadcast(&"x".to_owned()).unwrap()));
    std::thread::sleep(Duration::from_millis(1100));
    (0..3).for_each(|_| drop(set.broadcast(&"x".to_owned()).unwrap()));
    let mut expired = back(&first);
    assert_eq!(expired.event().unwrap().event, "ereo.reset");
    assert_eq!(Client::get(address, "/v1/inspected/refuses").finish().status, 403);
    let panicked = Client::get(address, "/v1/inspected/panics");
    until(address, |seen| {
        let counts = &seen["problems"]["counts"];
        row(counts, |row| row["reason"] == "panicked")
    });
    drop(panicked);
    let third = until(address, |seen| {
        (seen["connections"]["total"] == 2).then(|| Client::get(address, "/v1/inspected/feed"))
    });
    assert_eq!(Client::get(address, "/v1/inspected/feed").finish().status, 503);
    let count = |seen: &Value, kind: &str, reason: &str| {
        let row =
            row(&seen["problems"]["counts"], |row| row["kind"] == kind && row["reason"] == reason);
        row.map(|row| row["count"].clone())
    };
    let seen = until(address, |seen| count(seen, "refused", "connections").map(|_| seen.clone()));
    for (kind, reason) in
        [("reset", "epoch"), ("reset", "expired"), ("refused", "route"), ("failed", "panicked")]
    {
        assert_eq!(
            count(&seen, kind, reason),
            Some(1.into()),
            "{kind} {reason} {}",
            seen["problems"]
        );
    }
    let last = &seen["problems"]["last"][0];
    assert_eq!((&last["kind"], &last["route"]), (&"refused".into(), &"/v1/inspected/feed".into()));
    let refuses = row(&seen["routes"], |row| row["path"] == "/v1/inspected/refuses").unwrap();
    assert_eq!(refuses["refused"], 1);
    drop((reset, expired, third));
}

#[test]
fn snapshots_come_once_a_second_and_only_while_somebody_looks() {
    let set = ClientSet::new();
    let server = server(2, &set);
    let address = server.address;
    let samples = || data(address)["samples"].as_array().unwrap().len();
    let first = samples();
    std::thread::sleep(Duration::from_millis(2500));
    // This look makes one.
    assert_eq!(samples(), first + 1);
    let look =
        || Client::send(address, format!("GET /__ereo/stream HTTP/1.1\r\n{LOCAL}\r\n").as_bytes());
    let mut lookers = [look(), look(), look()];
    let began = Instant::now();
    let at: Vec<u64> = lookers
        .iter_mut()
        .map(|looker| {
            (0..3).for_each(|_| drop(looker.data()));
            serde_json::from_str::<Value>(&looker.data()).unwrap()["now"].as_u64().unwrap()
        })
        .collect();
    let took = began.elapsed();
    assert!(took > Duration::from_millis(2800) && took < Duration::from_secs(8), "{took:?}");
    // One for all.
    assert!(at.iter().all(|now| *now == at[0]), "{at:?}");
    drop(lookers);
    std::thread::sleep(Duration::from_millis(1500));
    let rest = samples();
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(samples(), rest + 1);
}

#[test]
fn samples_of_messages_are_shown_where_they_may_be() {
    let (shown, hidden) = (ClientSet::<String>::new(), ClientSet::<String>::new());
    let open = server(1, &shown);
    let closed = || inspector("/__ereo").as_in_release().allow(|_| true);
    let closed = serve_with(1, Duration::from_secs(10), routes(&hidden, closed));
    let stream = |address| {
        Client::send(address, format!("GET /__ereo/stream HTTP/1.1\r\n{LOCAL}\r\n").as_bytes())
    };
    let feeds = [
        Client::get(open.address, "/v1/inspected/feed"),
        Client::get(closed.address, "/v1/inspected/feed"),
    ];
    let (mut looks, mut looks_in_vain) = (stream(open.address), stream(closed.address));
    let live = |look: &mut Client| -> Vec<Value> {
        let seen: Value = serde_json::from_str(&look.data()).unwrap();
        assert_eq!(seen["connections"]["total"], 1);
        // The set over which the snapshots go is none of the server's.
        assert_eq!(
            (&seen["sets"]["total"], seen["routes"].as_array().unwrap().len()),
            (&1.into(), 5)
        );
        seen["live"].as_array().unwrap().clone()
    };
    let long = "x".repeat(2000);
    let began = Instant::now();
    let rows = loop {
        (0..300)
            .for_each(|_| drop((shown.broadcast(&long), hidden.broadcast(&"hidden".to_owned()))));
        assert!(live(&mut looks_in_vain).is_empty());
        let mut rows = live(&mut looks);
        assert!(rows.iter().all(|row| row["data"] != "hidden"));
        // Samples are the process's: beside this test others broadcast.
        rows.retain(|row| row["data"].as_str().is_some_and(|data| data.starts_with('x')));
        if !rows.is_empty() || began.elapsed() > Duration::from_secs(20) {
            break rows;
        }
    };
    assert!((1..=40).contains(&rows.len()), "{}", rows.len());
    for row in &rows {
        assert_eq!(
            (row["set"].as_str(), row["data"].as_str()),
            (Some("String"), Some(&long[..512]))
        );
    }
    drop(feeds);
}

#[test]
fn the_contract_is_that_of_the_routes() {
    let server = server(1, &ClientSet::new());
    assert_eq!(
        ask(server.address, "GET", "/__ereo/contract", "host: evil.example\r\n").status,
        404
    );
    let contract: Value =
        serde_json::from_str(&get(server.address, "/__ereo/contract").body).unwrap();
    let types = contract["typescript"].as_str().unwrap();
    assert!(
        types.contains(r#""/v1/inspected/rooms/{room}""#) && !types.contains("__ereo"),
        "{types}"
    );
    assert_eq!(contract["asyncapi"]["asyncapi"], "3.0.0");
    assert!(contract["openapi"]["paths"]["/v1/inspected/feed"].is_object());
}
