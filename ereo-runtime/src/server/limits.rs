//! How many connections a server takes, in all and of one address, and how fast a socket may send.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::HttpRequest;

use super::lifeline::Lifeline;

/// How many event streams and sockets a server holds; for [`Realtime::limits`](super::Realtime::limits).
///
/// Nothing is limited by default. What is refused is answered with `Retry-After`, traced and counted:
/// 503 over the limit in all, 429 over that of one address. A socket that sends too fast is closed. How
/// many a room holds its set says: [`max_clients`](crate::broadcast::Builder::max_clients).
///
/// ```
/// use ereo_runtime::Limits;
/// let limits = Limits::new().connections(10_000).per_address(50).behind_proxies(1);
/// # let _ = limits;
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Limits {
    connections: Option<usize>,
    per_address: Option<usize>,
    proxies: usize,
    rates: SocketRates,
}

/// What one socket may send in a second.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SocketRates {
    pub(crate) messages: Option<u32>,
    pub(crate) bytes: Option<u32>,
}

impl Limits {
    /// No limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many in all; one more is 503.
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = Some(most);
        self
    }

    /// At most so many of one address; one more is 429.
    pub fn per_address(mut self, most: usize) -> Self {
        self.per_address = Some(most);
        self
    }

    /// A socket may send so many messages a second, pings included, and as many at once; more closes
    /// it with 1008.
    pub fn socket_messages(mut self, per_second: u32) -> Self {
        self.rates.messages = Some(per_second);
        self
    }

    /// A socket may send so many bytes a second, frames included, and as many at once; more closes it with
    /// 1008. A compressed message counts with what it inflates to, where that is more. Not less than a message of the size that the route
    /// allows.
    pub fn socket_bytes(mut self, per_second: u32) -> Self {
        self.rates.bytes = Some(per_second);
        self
    }

    /// The server stands behind so many proxies of yours, each of which adds the address that it was
    /// asked from to `Forwarded` (RFC 7239) or `X-Forwarded-For`: the client's is then the one that
    /// the outermost of them wrote. Without this the headers, which anybody can send, count nothing.
    pub fn behind_proxies(mut self, proxies: usize) -> Self {
        self.proxies = proxies;
        self
    }

    /// The address that a request counts for.
    pub(super) fn address(&self, req: &HttpRequest) -> Option<IpAddr> {
        let peer = req.peer_addr().map(|peer| peer.ip());
        if self.proxies == 0 {
            return peer;
        }
        let forwarded = forwarded(req);
        // The proxies wrote the last ones; what stands before them is the client's own invention.
        let place = forwarded.len().checked_sub(self.proxies);
        place.and_then(|place| forwarded[place]).or(peer)
    }
}

/// The addresses of `Forwarded`, else of `X-Forwarded-For`, in their order; none for one that is
/// hidden or no address.
fn forwarded(req: &HttpRequest) -> Vec<Option<IpAddr>> {
    let elements = |name| {
        let values = req.headers().get_all(name).filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).map(str::trim)
    };
    let standard: Vec<_> = elements("forwarded").map(node).collect();
    if standard.is_empty() { elements("x-forwarded-for").map(address).collect() } else { standard }
}

/// The `for` of one element of `Forwarded` (RFC 7239 section 4).
fn node(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| address(value.trim().trim_matches('"')))?
    })
}

/// An address, with or without port and, for IPv6, brackets.
fn address(text: &str) -> Option<IpAddr> {
    if let Some((inside, _)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return inside.parse().ok();
    }
    let without_port = text.rsplit_once(':').map_or(text, |(host, _)| host);
    text.parse().or_else(|_| without_port.parse()).ok()
}

/// Counts what is there; shared by a server's workers.
#[derive(Debug, Default)]
pub(super) struct Gate {
    limits: Limits,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Which limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Connections,
    Address,
}

impl Gate {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, counts: Mutex::default() }
    }

    pub(super) fn socket_rates(&self) -> SocketRates {
        self.limits.rates
    }

    /// Takes a place; of which address, if that is to be known.
    fn enter(&self, req: &HttpRequest) -> Result<Option<IpAddr>, Over> {
        let Limits { connections, per_address, .. } = self.limits;
        // Without a limit of one address none is remembered.
        let address = per_address.and_then(|_| self.limits.address(req));
        let mut counts = lock(&self.counts);
        if connections.is_some_and(|most| counts.all >= most) {
            return Err(Over::Connections);
        }
        if let (Some(most), Some(address)) = (per_address, address) {
            let of_address = counts.by_address.entry(address).or_default();
            if *of_address >= most {
                return Err(Over::Address);
            }
            *of_address += 1;
        }
        counts.all += 1;
        Ok(address)
    }

    fn leave(&self, address: Option<&IpAddr>) {
        let mut counts = lock(&self.counts);
        counts.all -= 1;
        if let Some(address) = address
            && let Some(of_address) = counts.by_address.get_mut(address)
        {
            *of_address -= 1;
            if *of_address == 0 {
                counts.by_address.remove(address);
            }
        }
    }
}

/// A place that is held until this is dropped; the drain waits for that.
#[derive(Debug)]
pub(super) struct Permit {
    lifeline: Arc<Lifeline>,
    /// Most servers limit no address, and need no room for it.
    address: Option<Box<IpAddr>>,
}

impl Permit {
    /// Takes a place at the server's gate.
    pub(super) fn new(lifeline: &Arc<Lifeline>, req: &HttpRequest) -> Result<Self, Over> {
        let address = lifeline.gate.enter(req)?.map(Box::new);
        lifeline.open.enter();
        Ok(Self { lifeline: Arc::clone(lifeline), address })
    }

    pub(super) fn lifeline(&self) -> &Lifeline {
        &self.lifeline
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.lifeline.gate.leave(self.address.as_deref());
        self.lifeline.open.leave();
    }
}

fn lock(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::test::TestRequest;

    use super::*;
    use crate::server::Drain;

    fn request(headers: &[(&'static str, &str)]) -> HttpRequest {
        let request = TestRequest::default().peer_addr("10.0.0.9:1".parse().unwrap());
        headers
            .iter()
            .fold(request, |request, header| request.append_header(*header))
            .to_http_request()
    }

    fn address_behind(proxies: usize, headers: &[(&'static str, &str)]) -> String {
        let limits = Limits::new().behind_proxies(proxies);
        limits.address(&request(headers)).unwrap().to_string()
    }

    #[test]
    fn forwarded_counts_only_as_far_as_it_is_trusted() {
        let lie = [("x-forwarded-for", "1.1.1.1, 2.2.2.2"), ("x-forwarded-for", "3.3.3.3")];
        assert_eq!(address_behind(0, &lie), "10.0.0.9");
        assert_eq!(address_behind(1, &lie), "3.3.3.3");
        assert_eq!(address_behind(2, &lie), "2.2.2.2");
        assert_eq!(address_behind(9, &lie), "10.0.0.9");
        let standard = [("forwarded", r#"for=1.1.1.1, proto=http;For="[2001:db8::1]:47""#)];
        assert_eq!(address_behind(1, &standard), "2001:db8::1");
        assert_eq!(address_behind(1, &[("forwarded", "for=_hidden")]), "10.0.0.9");
        assert_eq!(address_behind(1, &[("x-forwarded-for", "4.4.4.4:99")]), "4.4.4.4");
    }

    #[test]
    fn places_are_counted_and_given_back() {
        let limits = Limits::new().connections(3).per_address(2);
        let lifeline = Arc::new(Drain::within(Duration::ZERO).lifeline(limits, false));
        let enter = |req| Permit::new(&lifeline, req);
        let (here, there) = (request(&[]), TestRequest::default());
        let there = there.peer_addr("10.0.0.8:1".parse().unwrap()).to_http_request();
        let (one, _two) = (enter(&here).unwrap(), enter(&here).unwrap());
        assert_eq!(enter(&here).unwrap_err(), Over::Address);
        let _three = enter(&there).unwrap();
        assert_eq!(enter(&there).unwrap_err(), Over::Connections);
        drop(one);
        drop(enter(&here).unwrap());
        drop((_two, _three));
        let counts = lock(&lifeline.gate.counts);
        assert_eq!((counts.all, counts.by_address.len()), (0, 0));
    }
}
