//! The client's address, as `tests/fuzz` asks for it.

use std::net::IpAddr;

use actix_web::HttpRequest;

use super::client_address::{ClientAddress, Proxies, ProxyHeader};

/// The address that a request counts for behind so many proxies that write this header.
pub fn client_address(
    header: ProxyHeader,
    proxies: usize,
    request: &HttpRequest,
) -> Option<IpAddr> {
    let proxies = (proxies > 0).then_some(Proxies { header, number: proxies });
    match ClientAddress::behind(proxies, request) {
        ClientAddress::Told(address) => Some(address),
        ClientAddress::Peer(peer) => Some(peer.ip()),
        ClientAddress::Nowhere => None,
    }
}
