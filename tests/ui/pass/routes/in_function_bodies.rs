//! A route in a function body is a route; the same name in two bodies is no clash.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

fn first() {
    use ereo_runtime::prelude::*;

    #[sse("/first")]
    async fn feed() -> Subscription<String> {
        unreachable!()
    }
    assert_eq!(feed::path(), "/first");
}

fn second() {
    use ereo_runtime::prelude::*;

    #[loader("/second/{id}")]
    async fn feed(id: u64) -> u64 {
        id
    }
    assert_eq!(feed::path(7), "/second/7");
}

fn main() {
    first();
    second();
}
