//! What stands in the heads of answers, and an event stream over HTTP/1.0.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use actix_web::{HttpResponse, ResponseError};
use ereo_runtime::prelude::*;
use futures_util::stream::iter;

use crate::support::{Client, Server, get, serve};

type Set = Data<ClientSet<String>>;

#[sse("/answers/feed", heartbeat = "off")]
async fn feed(set: Set, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[sse("/answers/finite")]
async fn finite() -> impl Stream<Item = &'static str> {
    iter(["one", "two"])
}

#[derive(Debug, thiserror::Error)]
#[error("come back")]
struct Later;

/// With a header of its own that it exposes.
impl ResponseError for Later {
    fn status_code(&self) -> StatusCode {
        StatusCode::SERVICE_UNAVAILABLE
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code())
            .insert_header(("retry-after", "7"))
            .insert_header(("x-own", "1"))
            .insert_header(("access-control-expose-headers", "x-own"))
            .body("come back")
    }
}

#[sse("/answers/later")]
async fn later() -> Result<impl Stream<Item = String>, Later> {
    if true { Err(Later) } else { Ok(iter([String::new()])) }
}

#[sse("/answers/no-content")]
async fn no_content() -> Option<Subscription<String>> {
    None
}

#[loader("/answers/first", live = feed)]
async fn first() -> String {
    "<script>".to_owned()
}

#[loader("/answers/cached", cache = "60s")]
async fn cached() -> Option<String> {
    None
}

#[loader("/answers/{number}")]
async fn number(number: u8) -> u8 {
    number
}

#[websocket("/answers/ws", origins = ["https://app.example"])]
async fn ws(mut socket: Socket<String, String>) -> Result<(), SocketError> {
    while socket.recv().await?.is_some() {}
    Ok(())
}

fn server() -> (ClientSet<String>, Server) {
    let set = ClientSet::new();
    let data = Data::new(set.clone());
    let server = serve(move |app| {
        let routes = || ereo_runtime::routes().unwrap().only(module_path!());
        let cors = || Cors::default().allowed_origin("https://app.example");
        app.app_data(data.clone())
            .service(web::scope("/cors").wrap(cors()).service(routes()))
            .service(web::scope("/any").wrap(cors().expose_any_header()).service(routes()))
            .service(
                web::scope("/named")
                    .wrap(cors().expose_headers(["last-event-id", "retry-after", "x-own"]))
                    .service(routes()),
            )
            .service(ereo_runtime::browser_client("/ereo.js"))
            .service(routes());
    });
    (set, server)
}

#[test]
fn no_answer_is_sniffed() {
    let (_set, server) = server();
    let upgrade = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let foreign = format!("{upgrade}origin: https://evil.example\r\n");
    let unchanged = get(server.address, "/answers/cached");
    let unchanged = format!("if-none-match: {}\r\n", unchanged.header("etag").unwrap());
    for (path, headers, status) in [
        (feed::ROUTE, "", 200),
        (finite::ROUTE, "", 200),
        (later::ROUTE, "", 503),
        (no_content::ROUTE, "", 204),
        (first::ROUTE, "", 200),
        (cached::ROUTE, &*unchanged, 304),
        ("/answers/300", "", 404),
        (ws::ROUTE, "", 400),
        (ws::ROUTE, &foreign, 403),
        ("/ereo.js", "", 200),
    ] {
        let client = Client::get_with(server.address, path, headers);
        assert_eq!(client.status, status, "{path}");
        assert_eq!(client.header("x-content-type-options"), Some("nosniff"), "{path} {status}");
    }
    let posted = Client::request(server.address, "POST", feed::ROUTE, "");
    assert_eq!((posted.status, posted.header("allow")), (405, Some("get")));
    assert_eq!(posted.header("x-content-type-options"), Some("nosniff"));
    let upgraded = Client::get_with(server.address, ws::ROUTE, upgrade);
    assert_eq!((upgraded.status, upgraded.header("x-content-type-options")), (101, None));
}

#[test]
fn the_browser_package_is_served_whole_and_asked_for_again_costs_no_body() {
    let server = serve(|app| {
        app.service(web::scope("/assets").service(ereo_runtime::browser_client("/v1/client.js")))
            .service(ereo_runtime::browser_client("/ereo.js"));
    });
    let files = ereo_runtime::browser_client_files();
    assert_eq!(files[0].0, "ereo.js");
    assert_eq!(files[1], ("ereo.d.ts", ereo_runtime::browser_client_types()));
    let mut tags = Vec::new();
    for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".js")) {
        for folder in ["", "/assets/v1"] {
            let path = format!("{folder}/{name}");
            let answer = get(server.address, &path);
            assert_eq!((answer.status, answer.body.as_str()), (200, *text), "{path}");
            assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
            assert_eq!(answer.header("cache-control"), Some("no-cache"));
            let tag = answer.header("etag").unwrap().to_owned();
            let again =
                Client::get_with(server.address, &path, &format!("if-none-match: {tag}\r\n"));
            assert_eq!((again.status, again.header("etag")), (304, Some(&*tag)), "{path}");
            let other = Client::get_with(server.address, &path, "if-none-match: \"other\"\r\n");
            assert_eq!(other.status, 200, "{path}");
            tags.push(tag);
        }
        for (specifier, _) in
            text.match_indices("from \"./").map(|(at, _)| text[at + 8..].split_once('"').unwrap())
        {
            assert!(files.iter().any(|(name, _)| *name == specifier), "{name} imports {specifier}");
        }
    }
    tags.dedup();
    let modules = files.iter().filter(|(name, _)| name.ends_with(".js")).count();
    assert_eq!(tags.len(), modules, "one for each module, whatever its path");
    assert_eq!(get(server.address, "/assets/v1/client.js").body, files[0].1);
    assert_eq!(get(server.address, "/ereo.d.ts").status, 404);
}

#[test]
fn the_script_imports_nothing_and_has_every_part_of_the_core() {
    let script = ereo_runtime::browser_client_script();
    assert!(!script.lines().any(|line| line.starts_with("import ")));
    let exported: Vec<_> = script.lines().filter(|line| line.starts_with("export ")).collect();
    assert_eq!(exported, ["export { Backoff, events, live, socket };"]);
    let files = ereo_runtime::browser_client_files();
    let text = |name: &str| files.iter().find(|(known, _)| *known == name).unwrap().1;
    let mut parts = vec!["ereo.js"];
    for at in 0.. {
        let Some(part) = parts.get(at).copied() else { break };
        for (at, _) in text(part).match_indices("from \"./") {
            let (name, _) = text(part)[at + 8..].split_once('"').unwrap();
            if name.ends_with(".js") && !parts.contains(&name) {
                parts.push(name);
            }
        }
    }
    assert!(parts.len() > 5);
    for part in &parts[1..] {
        let own = text(part)
            .lines()
            .filter(|line| !line.starts_with("import ") && !line.starts_with("export "));
        let own = own.collect::<Vec<_>>().join("\n");
        assert_eq!(script.matches(&own).count(), 1, "{part}");
    }
}

/// The names in all lines of the header.
fn exposed(client: &Client) -> Vec<String> {
    let lines =
        client.head.lines().filter_map(|line| line.strip_prefix("access-control-expose-headers: "));
    let mut names: Vec<_> =
        lines.flat_map(|line| line.split(',')).map(|name| name.trim().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn pages_of_other_origins_may_read_what_the_module_reads() {
    let (_set, server) = server();
    let origin = "origin: https://app.example\r\n";
    for prefix in ["", "/cors", "/any", "/named"] {
        let ask = |path: &str| {
            let client = Client::get_with(server.address, &format!("{prefix}{path}"), origin);
            let allowed = client.header("access-control-allow-origin");
            let expected = (!prefix.is_empty()).then_some("https://app.example");
            assert_eq!(allowed, expected, "{prefix}");
            (exposed(&client), client)
        };
        let (names, loaded) = ask(first::ROUTE);
        assert!(loaded.header("last-event-id").is_some());
        assert!(names.contains(&"last-event-id".to_owned()), "{prefix} {names:?}");
        let (names, refused) = ask(later::ROUTE);
        assert_eq!((refused.status, refused.header("retry-after")), (503, Some("7")));
        for name in ["retry-after", "x-own"] {
            assert!(names.contains(&name.to_owned()), "{prefix} {names:?}");
        }
    }
    let plain = Client::get(server.address, first::ROUTE);
    assert_eq!(exposed(&plain), ["last-event-id"]);
    assert_eq!(exposed(&Client::get(server.address, cached::ROUTE)), [""; 0]);
}

#[test]
fn what_may_be_kept_is_one_users_alone() {
    let (_set, server) = server();
    let kept = get(server.address, cached::ROUTE);
    assert_eq!(kept.header("cache-control"), Some("private, max-age=60"));
    assert_eq!(kept.header("vary"), Some("cookie, authorization"));
    let unchanged = format!("if-none-match: {}\r\n", kept.header("etag").unwrap());
    let unchanged = Client::get_with(server.address, cached::ROUTE, &unchanged);
    assert_eq!((unchanged.status, unchanged.header("vary")), (304, Some("cookie, authorization")));
    let asked_anew = get(server.address, first::ROUTE);
    assert_eq!(asked_anew.header("cache-control"), Some("no-cache"));
}

#[test]
fn identity_is_said_only_to_whom_a_middleware_would_compress() {
    let (_set, server) = server();
    for accepted in ["", "accept-encoding: identity\r\n", "accept-encoding: gzip;q=0\r\n"] {
        let client = Client::get_with(server.address, feed::ROUTE, accepted);
        assert_eq!((client.status, client.header("content-encoding")), (200, None), "{accepted}");
    }
    let mut client = Client::get_with(server.address, finite::ROUTE, "accept-encoding: gzip\r\n");
    assert_eq!(client.header("content-encoding"), Some("identity"));
    assert_eq!(client.data(), "one");
}

fn connect(server: &Server, request: &str) -> TcpStream {
    let mut socket = TcpStream::connect(server.address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    socket
}

/// Reads until the text is there.
fn read_until(socket: &mut TcpStream, read: &mut String, end: &str) {
    let mut buffer = [0; 4096];
    while !read.ends_with(end) {
        let length = socket.read(&mut buffer).unwrap();
        assert_ne!(length, 0, "the connection ended: {read}");
        read.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
}

#[test]
fn over_http_1_0_events_come_without_chunks_until_the_connection_ends() {
    let (set, server) = server();
    for headers in ["", "connection: keep-alive\r\n", "accept-encoding: gzip\r\n"] {
        let request = format!("GET {} HTTP/1.0\r\n{headers}\r\n", feed::ROUTE);
        let mut socket = connect(&server, &request);
        let mut read = String::new();
        let opening = format!("\r\n\r\nretry: 1000\nid: {}\n\n", set.position());
        read_until(&mut socket, &mut read, &opening);
        let head = read.to_ascii_lowercase();
        assert!(head.starts_with("http/1.0 200"), "{head}");
        for absent in ["transfer-encoding", "content-length", "keep-alive"] {
            assert!(!head.contains(absent), "{head}");
        }
        for _ in 0..3 {
            let event = format!(
                "data: hello\nid: {}\n\n",
                set.broadcast(&"hello".to_owned()).unwrap().position().unwrap()
            );
            read.clear();
            read_until(&mut socket, &mut read, &event);
            assert_eq!(read, event, "and nothing around it");
        }
    }
    let mut read = String::new();
    let mut socket = connect(&server, &format!("GET {} HTTP/1.0\r\n\r\n", finite::ROUTE));
    socket.read_to_string(&mut read).unwrap();
    let (_, body) = read.split_once("\r\n\r\n").unwrap();
    let end = "event: ereo.end\ndata: {}\nid: ereo-end\n\n";
    assert_eq!(body, format!("retry: 1000\n\ndata: one\n\ndata: two\n\n{end}"));
}
