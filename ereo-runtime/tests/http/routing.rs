//! Which route answers, with which arguments, and how routes are chosen.

use std::collections::BTreeSet;

use actix_web::web::Query;
use ereo_runtime::{Kind, loader, routes, sse};
use futures_util::stream::{Stream, iter};
use serde::Deserialize;

use crate::support::{Client, get, serve};

#[derive(Deserialize)]
struct RoomId(String);

#[derive(Deserialize)]
struct Page {
    page: u32,
}

/// Takes its arguments in another order than the path, and an extractor between them.
#[sse("/rooms/{room}/{number}/feed")]
async fn arguments(number: u32, page: Query<Page>, room: RoomId) -> impl Stream<Item = String> {
    iter([format!("{} {number} {}", room.0, page.page)])
}

#[loader("/which/{any}*")]
async fn tail(any: String) -> String {
    format!("tail {any}")
}

#[loader("/which/{any}")]
async fn parameter(any: String) -> String {
    format!("parameter {any}")
}

#[loader(r"/which/{digits:\d+}")]
async fn regex(digits: u64) -> String {
    format!("regex {digits}")
}

#[loader("/which/static")]
async fn text() -> String {
    "static".to_owned()
}

mod grouped {
    use super::loader;

    #[loader("/version", group = "v1")]
    pub async fn v1() -> u8 {
        1
    }

    #[loader("/version", group = "v2")]
    pub async fn v2() -> u8 {
        2
    }
}

#[test]
fn arguments_come_from_path_and_request() {
    let server = serve(|app| {
        app.service(routes().unwrap().only(module_path!()));
    });
    let path = arguments::path("a b/ü%?#&+", 3);
    assert_eq!(path, "/rooms/a%20b%2F%C3%BC%25%3F%23%26%2B/3/feed".to_owned());
    let mut client = Client::get(server.address, &format!("{path}?page=7"));
    assert_eq!(client.data(), "a b/ü%?#&+ 3 7");
    assert_eq!(get(server.address, "/rooms/a/x/feed?page=7").status, 404);
    assert_eq!(get(server.address, "/rooms/a/3/feed").status, 400);
}

#[test]
fn specific_paths_win_whatever_the_link_order() {
    let server = serve(|app| {
        app.service(routes().unwrap().only(module_path!()));
    });
    for (path, answer) in [
        ("/which/static", "static"),
        ("/which/12", "regex 12"),
        ("/which/other", "parameter other"),
        ("/which/a/b", "tail a/b"),
    ] {
        assert_eq!(get(server.address, path).body, format!("\"{answer}\""));
    }
    assert_eq!(tail::path("a/b c"), "/which/a/b%20c");
}

#[test]
fn another_method_is_405_and_another_path_404() {
    let server = serve(|app| {
        app.service(routes().unwrap().only(module_path!()));
    });
    let refused = Client::request(server.address, "POST", "/which/static", "content-length: 0\r\n");
    assert_eq!((refused.status, refused.header("allow")), (405, Some("get")));
    assert_eq!(get(server.address, "/nowhere").status, 404);
}

#[test]
fn groups_and_prefixes_choose_and_place_routes() {
    let server = serve(|app| {
        let routes = routes().unwrap().only(module_path!());
        app.service(routes.clone().group("v1").prefix("/v1"))
            .service(routes.group("v2").prefix("v2/").prefix("/api"));
    });
    assert_eq!(get(server.address, "/v1/version").body, "1");
    assert_eq!(get(server.address, "/api/v2/version").body, "2");
    assert_eq!(get(server.address, "/version").status, 404);
    assert_eq!(get(server.address, "/v1/which/static").status, 404);
}

#[test]
fn routes_are_listed_with_all_that_is_known_of_them() {
    let routes = routes().unwrap().only(module_path!());
    let names: BTreeSet<_> = routes.iter().map(|route| route.handler).collect();
    assert!(names.contains(concat!(module_path!(), "::grouped::v1")), "{names:?}");
    let info = routes.iter().find(|route| route.handler.ends_with("::arguments")).unwrap();
    assert_eq!(info.kind, Kind::Sse);
    assert_eq!((info.method, info.path.as_str()), ("GET", arguments::ROUTE));
    assert_eq!(info.params, ["room", "number"]);
    assert!(info.message.ends_with("String"));
    assert!(info.file.ends_with("routing.rs") && info.line > 0);
    let inner = routes.clone().only(concat!(module_path!(), "::grouped"));
    assert_eq!(inner.iter().count(), 2);
    // A module's name is not a prefix of another's.
    assert_eq!(routes.only(concat!(module_path!(), "::group")).iter().count(), 0);
}

#[test]
fn an_expected_route_that_is_missing_is_an_error_that_says_how_to_mend_it() {
    let here = concat!(module_path!(), "::text");
    let routes = routes().unwrap().expect(here).unwrap();
    let error = routes.expect("my_feature::feed").unwrap_err().to_string();
    assert!(error.contains("my_feature::feed") && error.contains("use crate_name as _;"));
    assert!(error.contains(here), "{error}");
}
