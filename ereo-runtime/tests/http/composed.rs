//! Streams that are made of others, over the wire: last and first messages, several sets under one position,
//! messages without a place; from a handler of actix-web's, and by POST.

use std::time::Duration;

use actix_web::web::{self, Data};
use actix_web::{Either, HttpResponse};
use ereo_runtime::prelude::*;
use ereo_runtime::websocket::Text;
use ereo_runtime::{CloseCode, Delivery};

use crate::support::event_stream::Dispatched;
use crate::support::socket::{joined, opened as opened_socket, text};
use crate::support::{Client, Server, get, serve};

#[derive(Clone, Serialize, Message)]
#[serde(rename_all = "snake_case")]
enum Progress {
    Step(u32),
    Finished(u32),
}

fn is_last(progress: &Progress) -> bool {
    matches!(progress, Progress::Finished(_))
}

#[derive(Clone)]
struct Sets {
    progress: ClientSet<Progress>,
    texts: ClientSet<String>,
    others: ClientSet<String>,
}

#[sse("/composed/progress")]
async fn progress(sets: Data<Sets>, last: LastEventId) -> Subscription<Progress> {
    sets.progress.subscribe(last).take_until(is_last)
}

#[sse("/composed/greeted")]
async fn greeted(sets: Data<Sets>, last: LastEventId) -> Subscription<String> {
    sets.texts.subscribe(last).starting_with("hello".to_owned())
}

#[sse("/composed/texts", heartbeat = "50ms")]
async fn texts(sets: Data<Sets>, last: LastEventId) -> Subscription<String> {
    sets.texts.subscribe(last)
}

#[sse("/composed/both", heartbeat = "50ms")]
async fn both(sets: Data<Sets>, last: LastEventId) -> Subscription<String> {
    let others = sets.others.subscribe(last).map(|text| format!("other {text}"));
    sets.texts.subscribe(last).filter(|text| text != "hidden").merge(others)
}

#[loader("/composed/both/first", live = both, changes)]
async fn first() -> Vec<String> {
    Vec::new()
}

#[derive(Deserialize)]
struct Question {
    name: String,
}

#[sse("/composed/answers", method = "POST")]
async fn answers(
    question: web::Json<Question>,
    sets: Data<Sets>,
    last: LastEventId,
) -> Subscription<String> {
    let name = question.into_inner().name;
    sets.texts.subscribe(last).map(move |text| format!("{text}, {name}"))
}

/// The same path, asked otherwise.
#[sse("/composed/answers")]
async fn answers_to_all(sets: Data<Sets>, last: LastEventId) -> Subscription<String> {
    sets.texts.subscribe(last)
}

async fn by_hand(
    sets: Data<Sets>,
    last: LastEventId,
    asked: Query<std::collections::HashMap<String, String>>,
) -> Either<Subscription<Progress>, HttpResponse> {
    if asked.contains_key("none") {
        return Either::Right(HttpResponse::ImATeapot().finish());
    }
    Either::Left(sets.progress.subscribe(last).take_until(is_last))
}

/// Forwards both sets, with what a client comes back with beside each message.
#[websocket("/composed/ws")]
async fn socket(
    mut socket: Socket<String, serde_json::Value>,
    sets: Data<Sets>,
    last: LastEventId,
) -> Result<(), SocketError> {
    let mut both = sets.texts.subscribe(last).merge(sets.others.subscribe(last));
    socket.send(&serde_json::json!({ "joined": true })).await?;
    loop {
        tokio::select! {
            delivery = both.recv() => {
                let sent = match delivery {
                    Some(Delivery::Message { message, .. }) => serde_json::json!({ "id": both.last_event_id(), "text": &*message }),
                    Some(Delivery::Reset { reason, .. }) => serde_json::json!({ "id": both.last_event_id(), "reset": reason }),
                    _ => return Err(SocketError::close(CloseCode::TRY_AGAIN_LATER, "lagged")),
                };
                socket.send(&sent).await?;
            }
            said = socket.recv() => if said?.is_none() { return Ok(()) },
        }
    }
}

/// Whoever sits in the set hears of who types, and not of itself.
#[websocket("/composed/seat")]
async fn seat(mut socket: Socket<Text, String>, sets: Data<Sets>) -> Result<(), SocketError> {
    let seat = sets.texts.join(&socket)?;
    socket.send(&"joined".to_owned()).await?;
    while let Some(said) = socket.recv().await? {
        let said = said.0.to_string();
        match said.as_str() {
            "typing" => sets.texts.broadcast_ephemeral_except(seat.id(), &said)?,
            _ => {
                seat.broadcast(&said)?;
            }
        }
    }
    Ok(())
}

fn server() -> (Sets, Server) {
    let sets = Sets {
        progress: ClientSet::new(),
        texts: ClientSet::builder().history(100_000).build(),
        others: ClientSet::new(),
    };
    let data = Data::new(sets.clone());
    let server = serve(move |app| {
        let routes = ereo_runtime::routes().unwrap().only(module_path!());
        app.app_data(data.clone())
            .service(routes)
            .route("/composed/by-hand", web::get().to(by_hand));
    });
    (sets, server)
}

fn opened(server: &Server, path: &str, headers: &str) -> Client {
    let mut client = Client::get_with(server.address, path, headers);
    assert_eq!(client.status, 200, "{}", client.head);
    client.read_until(|client| client.events.retry.is_some());
    client
}

fn from(id: &str) -> String {
    format!("last-event-id: {id}\r\n")
}

fn send(set: &ClientSet<String>, text: &str) {
    set.broadcast(&text.to_owned()).unwrap();
}

fn told(event: Option<Dispatched>) -> (String, String, String) {
    let Dispatched { event, data, last_event_id } = event.expect("an event comes");
    (event, data, last_event_id)
}

#[test]
fn the_last_message_is_sent_then_the_end_and_204_for_its_position() {
    let (sets, server) = server();
    for path in ["/composed/progress", "/composed/by-hand"] {
        let mut client = opened(&server, path, "");
        for sent in [Progress::Step(1), Progress::Finished(2), Progress::Step(3)] {
            sets.progress.broadcast(&sent).unwrap();
        }
        let (event, data, first) = told(client.event());
        assert_eq!((event.as_str(), data.as_str()), ("step", "1"));
        let (event, data, last) = told(client.event());
        assert_eq!((event.as_str(), data.as_str()), ("finished", "2"));
        let (event, data, end) = told(client.event());
        assert_eq!([&*event, &*data, &*end], ["ereo.end", "{}", "ereo-end"]);
        assert_eq!(client.event(), None);
        for id in [last.as_str(), "ereo-end"] {
            let again = Client::get_with(server.address, path, &from(id));
            assert_eq!(again.status, 204, "{path} {id}");
            let asked = format!("{path}?lastEventID={id}");
            assert_eq!(get(server.address, &asked).status, 204, "{asked}");
        }
        // Who lost the connection before the last message gets it.
        let mut again = opened(&server, path, &from(&first));
        assert_eq!(told(again.event()).0, "finished");
        assert_eq!(told(again.event()).0, "ereo.end");
    }
}

#[test]
fn a_last_message_ends_a_crowd_that_a_relay_could_serve() {
    let (sets, server) = server();
    let mut clients: Vec<_> = (0..12).map(|_| opened(&server, "/composed/progress", "")).collect();
    for n in 0..50 {
        sets.progress.broadcast(&Progress::Step(n)).unwrap();
    }
    sets.progress.broadcast(&Progress::Finished(50)).unwrap();
    for client in &mut clients {
        for n in 0..50 {
            assert_eq!(told(client.event()).1, n.to_string());
        }
        assert_eq!(told(client.event()).0, "finished");
        assert_eq!(told(client.event()).0, "ereo.end");
        assert_eq!(client.event(), None);
    }
}

#[test]
fn a_first_message_has_no_id_and_leaves_the_clients() {
    let (sets, server) = server();
    send(&sets.texts, "0");
    let before = sets.texts.position().to_string();
    // More than a relay needs: it serves them behind the first message.
    let mut clients: Vec<_> = (0..12).map(|_| opened(&server, "/composed/greeted", "")).collect();
    for client in &mut clients {
        assert_eq!(told(client.event()), ("message".into(), "hello".into(), before.clone()));
    }
    send(&sets.texts, "1");
    let after = sets.texts.position().to_string();
    for client in &mut clients {
        assert_eq!(told(client.event()), ("message".into(), "1".into(), after.clone()));
        let body = String::from_utf8(client.body.clone()).unwrap();
        assert!(body.contains("data: hello\n\n"), "{body}");
    }
    let mut again = opened(&server, "/composed/greeted", &from(&before));
    assert_eq!(told(again.event()).1, "hello");
    assert_eq!(told(again.event()).1, "1");
}

#[test]
fn several_sets_come_in_one_stream_and_one_position_resumes_all() {
    let (sets, server) = server();
    let id = || format!("{}.{}", sets.texts.position(), sets.others.position());
    let start = id();
    let mut client = opened(&server, "/composed/both", "");
    assert_eq!(client.events.last_event_id, start);
    send(&sets.texts, "1");
    assert_eq!(told(client.event()), ("message".into(), "1".into(), id()));
    send(&sets.others, "2");
    assert_eq!(told(client.event()), ("message".into(), "other 2".into(), id()));
    // What a filter leaves out moves the position with the next heartbeat.
    send(&sets.texts, "hidden");
    let hidden = id();
    client.read_until(|client| client.events.last_event_id == hidden);
    client.leave();

    send(&sets.others, "3");
    send(&sets.texts, "4");
    let mut again = opened(&server, "/composed/both", &from(&hidden));
    let mut data = [told(again.event()).1, told(again.event()).1];
    data.sort();
    assert_eq!(data, ["4", "other 3"]);
    assert_eq!(again.events.last_event_id, id());

    let mut all = opened(&server, &format!("/composed/both?lastEventID={start}"), "");
    let mut data: Vec<_> = (0..4).map(|_| told(all.event()).1).collect();
    data.sort();
    assert_eq!(data, ["1", "4", "other 2", "other 3"]);
}

#[test]
fn a_position_that_is_not_wholly_ours_is_one_reset() {
    let (sets, server) = server();
    send(&sets.texts, "1");
    let (a, b) = (sets.texts.position(), sets.others.position());
    for foreign in [
        "hello".to_owned(),
        a.to_string(),
        format!("{a}.{b}.{a}"),
        format!("{a}.00000000000000ff-7"),
        format!("{a}.{b}x"),
    ] {
        let mut client = opened(&server, "/composed/both", &from(&foreign));
        assert!(!String::from_utf8_lossy(&client.body).contains("id:"), "told with the reset only");
        let (event, data, id) = told(client.event());
        assert_eq!((event.as_str(), id), ("ereo.reset", format!("{a}.{b}")), "{foreign}");
        assert_eq!(data, r#"{"reason":"epoch","missed":null}"#);
    }
    // And for a single set's stream one that is of several.
    let mut client = opened(&server, "/composed/texts", &from(&format!("{a}.{b}")));
    assert_eq!(told(client.event()).0, "ereo.reset");
}

#[test]
fn a_loader_goes_on_live_over_several_sets() {
    let (sets, server) = server();
    send(&sets.texts, "1");
    let loaded = get(server.address, "/composed/both/first");
    let id = loaded.header("last-event-id").unwrap();
    assert_eq!(id, format!("{}.{}", sets.texts.position(), sets.others.position()));
    send(&sets.texts, "2");
    send(&sets.others, "3");
    let mut live = opened(&server, "/composed/both", &from(id));
    let mut data = [told(live.event()).1, told(live.event()).1];
    data.sort();
    assert_eq!(data, ["2", "other 3"]);
}

#[test]
fn a_socket_that_forwards_several_sets_comes_back_for_what_it_missed() {
    let (sets, server) = server();
    let open = |path: &str| {
        let mut socket = opened_socket(server.address, path);
        assert_eq!(text(&mut socket), r#"{"joined":true}"#);
        socket
    };
    let mut first = open("/composed/ws");
    send(&sets.texts, "1");
    let message: serde_json::Value = serde_json::from_str(&text(&mut first)).unwrap();
    let id = format!("{}.{}", sets.texts.position(), sets.others.position());
    assert_eq!(message, serde_json::json!({ "id": id, "text": "1" }));
    drop(first);
    send(&sets.others, "2");
    let mut again = open(&format!("/composed/ws?lastEventID={id}"));
    let message: serde_json::Value = serde_json::from_str(&text(&mut again)).unwrap();
    assert_eq!(message["text"], "2");
}

/// Over streams and sockets, few and so many that a relay serves them.
#[test]
fn an_ephemeral_message_comes_in_its_place_without_id_and_is_not_sent_again() {
    let (sets, server) = server();
    for crowd in [1, 12] {
        let start = sets.texts.position();
        let mut clients: Vec<_> =
            (0..crowd).map(|_| opened(&server, "/composed/texts", "")).collect();
        let mut sockets: Vec<_> =
            (0..crowd).map(|_| joined(server.address, "/composed/seat")).collect();
        for n in 0..20 {
            send(&sets.texts, &format!("{n}"));
            sets.texts.broadcast_ephemeral(&format!("beside {n}")).unwrap();
        }
        send(&sets.texts, "last");
        for client in &mut clients {
            for n in 0..20 {
                let (_, data, id) = told(client.event());
                assert_eq!(data, n.to_string());
                let (_, data, same) = told(client.event());
                assert_eq!((data, same), (format!("beside {n}"), id), "{crowd}");
            }
            assert_eq!(told(client.event()).1, "last");
        }
        for socket in &mut sockets {
            for n in 0..20 {
                assert_eq!(text(socket), n.to_string());
                assert_eq!(text(socket), format!("beside {n}"));
            }
            assert_eq!(text(socket), "last");
        }
        let mut again = opened(&server, "/composed/texts", &from(&start.to_string()));
        for n in (0..20).map(|n| n.to_string()).chain(["last".to_owned()]) {
            assert_eq!(told(again.event()).1, n);
        }
    }
}

#[test]
fn who_types_does_not_hear_of_itself() {
    let (sets, server) = server();
    let mut sockets: Vec<_> = (0..12).map(|_| joined(server.address, "/composed/seat")).collect();
    sockets[0].send(tungstenite::Message::text("typing")).unwrap();
    for socket in &mut sockets[1..] {
        assert_eq!(text(socket), "typing");
    }
    send(&sets.texts, "said");
    for socket in &mut sockets {
        assert_eq!(text(socket), "said");
    }
}

#[test]
fn a_stream_is_asked_for_by_post_with_a_body() {
    let (sets, server) = server();
    let post = |body: &str, headers: &str| {
        let length = body.len();
        let request = format!(
            "POST /composed/answers HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        );
        Client::send(server.address, request.as_bytes())
    };
    let mut client = post(r#"{"name":"ann"}"#, "");
    assert_eq!(client.status, 200);
    client.read_until(|client| client.events.retry.is_some());
    send(&sets.texts, "hello");
    let (_, data, id) = told(client.event());
    assert_eq!(data, "hello, ann");
    send(&sets.texts, "again");
    let mut again = post(r#"{"name":"bob"}"#, &from(&id));
    assert_eq!(told(again.event()).1, "again, bob");
    assert_eq!(post("{", "").status, 400);
    assert_eq!(post(r#"{"name":"ann"}"#, &from("ereo-end")).status, 204);

    let mut by_get = opened(&server, "/composed/answers", "");
    send(&sets.texts, "all");
    assert_eq!(told(by_get.event()).1, "all");
    let put = Client::request(server.address, "PUT", "/composed/answers", "");
    let mut allowed: Vec<_> = put.header("allow").unwrap().split(", ").collect();
    allowed.sort_unstable();
    assert_eq!((put.status, allowed), (405, vec!["get", "post"]));
    let routes = ereo_runtime::routes().unwrap().only(module_path!());
    let methods = routes.iter().filter(|route| route.path == "/composed/answers");
    let mut methods: Vec<_> = methods.map(|route| route.method).collect();
    methods.sort_unstable();
    assert_eq!(methods, ["GET", "POST"]);
}

#[test]
fn an_ordinary_handler_answers_with_a_stream_or_something_else() {
    let (sets, server) = server();
    assert_eq!(get(server.address, "/composed/by-hand?none=").status, 418);
    let mut client = opened(&server, "/composed/by-hand", "");
    assert_eq!(client.header("content-type"), Some("text/event-stream"));
    assert_eq!(client.events.last_event_id, sets.progress.position().to_string());
    assert_eq!(sets.progress.len(), 1);
    sets.progress.broadcast(&Progress::Step(7)).unwrap();
    assert_eq!(told(client.event()).1, "7");
    let mut len = sets.progress.watch_len();
    client.leave();
    let gone = actix_web::rt::Runtime::new().unwrap().block_on(async {
        tokio::time::timeout(Duration::from_secs(10), len.wait_for(|len| *len == 0)).await.is_ok()
    });
    assert!(gone);
}
