//! One path in several groups, chosen and placed.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

#[loader("/version", group = "v1")]
async fn first() -> u8 {
    1
}

#[loader("/version", group = "v2")]
async fn second() -> u8 {
    2
}

#[loader("/version")]
async fn none() -> u8 {
    0
}

fn main() {
    let routes = ereo_runtime::routes().expect("groups do not clash");
    assert_eq!(routes.iter().count(), 3);
    let second = routes.group("v2").prefix("/v2");
    assert_eq!(second.iter().map(|route| route.path).collect::<Vec<_>>(), ["/v2/version"]);
}
