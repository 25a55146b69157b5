//! Static paths, parameters, regexes and tails that overlap.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

#[loader("/a/{any}*")]
async fn tail(any: String) -> String {
    any
}

#[loader("/a/{any}")]
async fn parameter(any: String) -> String {
    any
}

#[loader(r"/a/{number:\d{2,3}}")]
async fn regex(number: u16) -> u16 {
    number
}

#[loader("/a/b")]
async fn text() -> u8 {
    0
}

#[loader("/a/{name}.json")]
async fn mixed(name: String) -> String {
    name
}

fn main() {
    assert_eq!(tail::path("x/y z"), "/a/x/y%20z");
    assert_eq!(mixed::path("x"), "/a/x.json");
    assert_eq!(ereo_runtime::routes().expect("no clash").iter().count(), 5);
    assert_eq!((parameter::path("q"), regex::path(12), text::path()), ("/a/q".into(), "/a/12".into(), "/a/b".into()));
}
