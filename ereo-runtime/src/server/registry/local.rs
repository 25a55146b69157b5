//! Tells requests of whoever sits at this machine from others.

use std::net::IpAddr;

use actix_web::HttpRequest;

use crate::server::client_address::ClientAddress;
use crate::server::host::requested_host;

/// What proxies add. Where none was declared, a request that has one was sent on by somebody.
const SENT_ON: [&str; 6] =
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];

/// The host that was asked for; over HTTP/2 it stands in the request's own line.
pub(crate) fn asked_host(req: &HttpRequest) -> &str {
    match requested_host(req) {
        "" if !req.headers().contains_key("host") => {
            req.uri().authority().map_or("", |authority| authority.as_str())
        }
        host => host,
    }
}

/// # Errors
/// Why not.
pub(crate) fn is_local(req: &HttpRequest) -> Result<(), &'static str> {
    let client = match ClientAddress::of(req) {
        ClientAddress::Told(client) => client,
        ClientAddress::Peer(_) if SENT_ON.iter().any(|name| req.headers().contains_key(*name)) => {
            return Err("a proxy has sent it on");
        }
        ClientAddress::Peer(peer) => peer.ip(),
        ClientAddress::Nowhere => return Err("it came over a Unix socket"),
    };
    if !client.to_canonical().is_loopback() {
        return Err("it came from another machine");
    }
    // A name of a stranger's may mean 127.0.0.1 as well (DNS rebinding).
    if is_local_host(asked_host(req)) { Ok(()) } else { Err("it asks for no local host") }
}

/// `localhost`, a name below it or a loopback address, with or without a port.
fn is_local_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, "")) => (name, None),
        Some((name, rest)) => match rest.strip_prefix(':') {
            Some(port) => (name, Some(port)),
            None => return false,
        },
        None => host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
