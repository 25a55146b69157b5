//! The client against servers that are restarted, refuse, fall silent, end, or speak TLS and HTTP/2.

mod ends;
mod events;
mod secure;
mod sockets;
mod support;
#[path = "../http/support/tls.rs"]
#[allow(dead_code)]
mod tls;
