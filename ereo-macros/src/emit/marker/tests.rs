use std::collections::HashMap;

use super::{BEFORE, BEHIND, encode};
use crate::path::Pattern;

fn marker(group: Option<&str>, path: &str) -> String {
    let (pattern, faults) = Pattern::parse(path);
    assert_eq!(faults, [], "{path}");
    encode("GET", group.map(str::to_owned), &pattern)
}

#[test]
fn names_of_parameters_make_no_difference() {
    assert_eq!(marker(None, "/rooms/{a}/x"), marker(None, "/rooms/{b}/x"));
    assert_eq!(marker(None, "/{a:[0-9]+}"), marker(None, "/{b:[0-9]+}"));
    assert_eq!(marker(None, "/{a}*"), marker(None, "/{b:.*}"));
    assert_eq!(marker(None, "/{a}"), marker(None, "/{b:[^/]+}"));
}

#[test]
fn different_routes_have_different_markers() {
    let paths = [
        "/",
        "/a",
        "/a/",
        "/a_b",
        "/a-b",
        "/a__b",
        "/a_2d_b",
        "/_2f_",
        "/{x}",
        "/{x}*",
        "/{x:[0-9]}",
        "/{x}/{y}",
        "/{x}{y}",
        "/x",
        "/_",
        "/ü",
        "/A",
        "/GET",
        "/v1/a",
    ];
    let groups = [None, Some("v1"), Some("v1/"), Some("_"), Some("__"), Some("/"), Some("_2f_")];
    let mut seen = HashMap::new();
    for group in groups {
        for path in paths {
            let twin = seen.insert(marker(group, path), (group, path));
            assert_eq!(twin, None, "{group:?} {path}");
        }
    }
}

#[test]
fn a_marker_reads_back() {
    // The decoder exists for this test only: what can be read back cannot clash.
    fn decode(marker: &str) -> String {
        let route = marker.strip_prefix(BEFORE).and_then(|route| route.strip_suffix(BEHIND));
        let mut route = route.expect("the sentence stands around the route");
        let mut text = String::new();
        while let Some(first) = route.chars().next() {
            if let Some(rest) = route.strip_prefix("__") {
                text.push('/');
                route = rest;
            } else if let Some(word) = route.strip_prefix('_') {
                let (word, rest) = word.split_once('_').expect("a word ends with an underscore");
                text.push_str(&match word {
                    "dash" => "-".to_owned(),
                    "dot" => ".".to_owned(),
                    "any" => "{}".to_owned(),
                    "rest" => "{}*".to_owned(),
                    "regex" => "{:".to_owned(),
                    "end" => "}".to_owned(),
                    "group" => " group ".to_owned(),
                    number => {
                        let number = u32::from_str_radix(number, 16).expect("a number");
                        char::from_u32(number).expect("a character").to_string()
                    }
                });
                route = rest;
            } else {
                text.push(first);
                route = &route[1..];
            }
        }
        text
    }
    for (group, path) in [
        ("v_1", "/a_b/{x}/c__d"),
        ("__", "/_/-"),
        ("/", "/%25_2f_/{x}*"),
        ("v1", "/_slash_/.{x:[_-]{2}}"),
    ] {
        let decoded = decode(&marker(Some(group), path));
        assert_eq!(decoded, format!("GET{} group {group}", path.replace("{x", "{")));
    }
}
