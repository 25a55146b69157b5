//! The Rust of the README and of the book's pages, as documentation tests; `tests/tree.rs` holds their links and
//! names against the tree.

/// One module for each page, so that a failure names it.
#[cfg(doctest)]
macro_rules! pages {
    ($($page:ident = $file:literal),* $(,)?) => {
        $(#[doc = include_str!(concat!("../../../docs/book/src/", $file))] mod $page {})*
    };
}

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/STORES.md")]
mod stores_page {}

#[cfg(doctest)]
pages! {
    auth = "auth.md",
    before_you_go_public = "before-you-go-public.md",
    browser = "browser.md",
    cors = "cors.md",
    delivery = "delivery.md",
    deploy = "deploy.md",
    events = "events.md",
    first_stream = "first-stream.md",
    from_actix_web_lab = "from-actix-web-lab.md",
    from_actix_ws = "from-actix-ws.md",
    from_ereojs = "from-ereojs.md",
    from_socket_io = "from-socket-io.md",
    index = "index.md",
    loaders = "loaders.md",
    many_servers = "many-servers.md",
    performance = "performance.md",
    rooms = "rooms.md",
    sockets = "sockets.md",
    sse_or_websocket = "sse-or-websocket.md",
    stores = "stores.md",
    testing = "testing.md",
    types = "types.md",
    upgrading = "upgrading.md",
}
