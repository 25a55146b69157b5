//! Heartbeats that a page can see.
//!
//! A browser shows its page neither the comments of an event stream nor the pings of a socket, so a page
//! cannot tell a connection on which nothing happens from one that is dead. The browser module asks for a
//! heartbeat by a parameter of the query; other clients get what they always got.

use actix_web::HttpRequest;

/// How a client asks. Part of the protocol between the module and the server that serves it.
pub(crate) const ASKED: &str = "ereoHeartbeat=1";

/// Whether the client asks for heartbeats that a page can see.
pub(crate) fn asked(req: &HttpRequest) -> bool {
    req.query_string().split('&').any(|parameter| parameter == ASKED)
}

/// The event of a stream, without the blank line that ends it; `every` is in milliseconds, 0 where no
/// more will come.
pub(crate) fn event(every: u32) -> String {
    format!("event: ereo.heartbeat\ndata: {every}\n")
}

/// The text of a socket.
pub(crate) fn text(every: u32) -> String {
    format!(r#"{{"type":"ereo.heartbeat","data":{every}}}"#)
}
