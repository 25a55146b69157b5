//! The identity of a client, as far as addresses tell: the one answer for limits, spans and logs.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::HttpRequest;

use super::lifeline::Lifeline;

/// The header in which a proxy tells whom it was asked by; for
/// [`Limits::behind_proxies`](super::Limits::behind_proxies).
///
/// ```
/// use ereo_runtime::{Limits, ProxyHeader};
///
/// // nginx in front, with `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for`.
/// let limits = Limits::new().per_address(100).behind_proxies(ProxyHeader::XForwardedFor, 1);
/// # let _ = limits;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyHeader {
    /// `Forwarded` (RFC 7239): HAProxy's `option forwarded`, for one.
    Forwarded,
    /// `X-Forwarded-For`: nginx with `$proxy_add_x_forwarded_for`, and most load balancers.
    XForwardedFor,
}

impl ProxyHeader {
    const fn name(self) -> &'static str {
        match self {
            Self::Forwarded => "forwarded",
            Self::XForwardedFor => "x-forwarded-for",
        }
    }

    /// The address in one element of the list; none where it is hidden, unknown or garbled.
    fn address(self, element: &[u8]) -> Option<IpAddr> {
        let node = match self {
            Self::Forwarded => parameter(element, "for")?,
            Self::XForwardedFor => element,
        };
        address(std::str::from_utf8(node).ok()?)
    }
}

/// The proxies before a server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proxies {
    pub(super) header: ProxyHeader,
    /// At least one.
    pub(super) number: usize,
}

impl Proxies {
    /// The address that the outermost of them was asked from.
    fn client(self, req: &HttpRequest) -> Option<IpAddr> {
        // Several lines are one list (RFC 9110 section 5.3). The proxies wrote its end; what stands before
        // that is the client's own invention, and must not even be looked at: a quote that it opens
        // would swallow what a proxy wrote behind it.
        let lines: Vec<_> = req.headers().get_all(self.header.name()).collect();
        let mut elements =
            lines.iter().rev().flat_map(|line| FromBehind::over(line.as_bytes(), b','));
        self.header.address(elements.nth(self.number - 1)?)
    }

    /// Tells that they do not say what they were declared to; once, for it would be every request.
    fn misses(self, req: &HttpRequest) {
        static TOLD: AtomicBool = AtomicBool::new(false);
        if !TOLD.swap(true, Ordering::Relaxed) {
            let (header, proxies) = (self.header.name(), self.number);
            let peer = req.peer_addr().map(tracing::field::display);
            tracing::warn!(
                header,
                proxies,
                peer,
                "a request came without the client's address in the header that `Limits::behind_proxies` \
                 names, and counts as its peer's: name the header that your proxies write and how many \
                 they are, and let nobody pass them by; told once"
            );
        }
    }
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientAddress {
    /// As the proxies say.
    Told(IpAddr),
    /// The other end of the connection.
    Peer(SocketAddr),
    /// A Unix socket has no addresses.
    Nowhere,
}

impl ClientAddress {
    pub(super) fn of(req: &HttpRequest) -> Self {
        Self::behind(Lifeline::of(req).and_then(|lifeline| lifeline.gate.proxies()), req)
    }

    pub(super) fn behind(proxies: Option<Proxies>, req: &HttpRequest) -> Self {
        let told = proxies.and_then(|proxies| {
            proxies.client(req).or_else(|| {
                proxies.misses(req);
                None
            })
        });
        match told {
            Some(client) => Self::Told(client.to_canonical()),
            None => req.peer_addr().map_or(Self::Nowhere, |mut peer| {
                peer.set_ip(peer.ip().to_canonical());
                Self::Peer(peer)
            }),
        }
    }

    /// What counts as one client: an address of IPv4, a network of 64 bits of IPv6, of which one
    /// customer has all, and for a limit all that come from nowhere.
    pub(super) fn client(self) -> Client {
        match self {
            Self::Told(address) => Client::of(address),
            Self::Peer(peer) => Client::of(peer.ip()),
            Self::Nowhere => Client::NOWHERE,
        }
    }

    /// Where there is anything to say.
    pub(super) fn known(self) -> Option<Self> {
        (self != Self::Nowhere).then_some(self)
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Told(address) => address.fmt(f),
            Self::Peer(peer) => peer.fmt(f),
            Self::Nowhere => f.write_str("unix"),
        }
    }
}

/// Whom a limit of one address counts as one. In eight bytes, for every connection has one: the network of
/// IPv6, or below one of multicast, which nothing is sent from, the address of IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Client(u64);

impl Client {
    /// All that come over Unix sockets.
    const NOWHERE: Self = Self(0xFFFF_FFFE << 32);

    fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => (0xFFFF_FFFF << 32) | u64::from(address.to_bits()),
            IpAddr::V6(address) => (address.to_bits() >> 64) as u64,
        })
    }
}

/// The elements of a list from the last to the first, without those that are empty (RFC 9110 section
/// 5.6.1). What stands in quotes separates nothing.
pub(super) struct FromBehind<'a> {
    left: Option<&'a [u8]>,
    separator: u8,
}

impl<'a> FromBehind<'a> {
    pub(super) fn over(list: &'a [u8], separator: u8) -> Self {
        Self { left: Some(list), separator }
    }

    /// Where the last separator is that is not quoted, as seen from behind.
    fn last_separator(&self, list: &[u8]) -> Option<usize> {
        let mut quoted = false;
        (0..list.len()).rev().find(|&at| {
            let byte = list[at];
            // Within quotes a backslash takes a quote's meaning away, unless another takes its own.
            let escapes = || list[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
            quoted ^= byte == b'"' && escapes() % 2 == 0;
            byte == self.separator && !quoted
        })
    }
}

impl<'a> Iterator for FromBehind<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let list = self.left.take()?;
            let element = match self.last_separator(list) {
                Some(at) => {
                    self.left = Some(&list[..at]);
                    &list[at + 1..]
                }
                None => list,
            };
            let element = element.trim_ascii();
            if !element.is_empty() {
                return Some(element);
            }
        }
    }
}

/// What one element of `Forwarded` (RFC 7239 section 4) says once.
pub(super) fn parameter<'a>(element: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut values = FromBehind::over(element, b';').filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        let (found, value) = (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii());
        found.eq_ignore_ascii_case(name.as_bytes()).then_some(value)
    });
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

/// An address as proxies write it: in quotes or not, with or without a port and, for IPv6, brackets and
/// a zone.
fn address(text: &str) -> Option<IpAddr> {
    let text =
        text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text).trim();
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':')?)),
        None if text.parse::<IpAddr>().is_ok() => (text, None),
        None => text.rsplit_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    if !port.is_none_or(is_port) {
        return None;
    }
    host.split_once('%').map_or(host, |(host, _)| host).parse().ok()
}

/// A number, or a name that hides one (RFC 7239 section 6).
fn is_port(port: &str) -> bool {
    port.parse::<u16>().is_ok() || port.starts_with('_')
}

#[cfg(test)]
mod tests;
