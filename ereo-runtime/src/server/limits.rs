//! Limits of a server: its connections, in all and of one address, and the rate at which a socket may send.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;

use super::client_address::{Client, ClientAddress, Proxies, ProxyHeader};
use super::lifeline::Lifeline;
use super::replay::{self, Budget};
use crate::broadcast::Everywhere;
use crate::sync::{Mutex, lock};

/// How many event streams and sockets a server holds; for [`Realtime::limits`](super::Realtime::limits).
///
/// Nothing is limited by default but what is [replayed](Limits::replayed_bytes). What is refused is answered with `Retry-After`, traced and counted:
/// 503 over the limit in all, 429 over that of one address. A socket that sends too fast is closed. How
/// many a room holds its set says: [`max_clients`](crate::broadcast::Builder::max_clients).
///
/// ```
/// use ereo_runtime::{Limits, ProxyHeader};
/// let limits = Limits::new()
///     .connections(10_000)
///     .per_address(50)
///     .behind_proxies(ProxyHeader::XForwardedFor, 1);
/// # let _ = limits;
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Limits {
    connections: Option<usize>,
    per_address: Option<usize>,
    proxies: Option<Proxies>,
    rates: SocketRates,
    replayed: Option<u64>,
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

    /// At most so many of one address; one more is 429. Of IPv6 a network of 64 bits counts as one address,
    /// for that is what one customer has; a mapped address (`::ffff:192.0.2.1`) is the one of IPv4.
    ///
    /// All that come over a Unix socket are together one address, as they are one proxy's, unless
    /// [`behind_proxies`](Limits::behind_proxies) tells them apart.
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

    /// So many bytes of messages that were broadcast before are sent again to one address within a minute,
    /// and as many at once; 256 MiB by default. The place of one is taken before it begins, with what
    /// [`max_bytes`](crate::broadcast::Builder::max_bytes) counts of all that stands behind its client's
    /// position.
    ///
    /// A client that would get more is answered with a stream of nothing but a `retry:` with the time after
    /// which it can be served, some of it by chance, and keeps its position: an `EventSource` comes back by
    /// itself and misses nothing that is still kept. Up to 16 KiB are always sent, so that who was away for
    /// a moment does not wait for others of its address. Addresses are told apart as for
    /// [`per_address`](Limits::per_address).
    ///
    /// A [`Subscription`](crate::Subscription) that user code reads itself is charged when it is read first.
    /// Where that is too much it ends, and with it the connection: a socket is closed with 1013 and a reason
    /// that says when to come back, a stream of one's own with such a `retry:`. It is the connection's whose
    /// code subscribes, be it a function, a hook or a stream; what a task that was spawned subscribes to is
    /// nobody's and is not counted: subscribe before, and move it there. The members that a reader of a set's
    /// [`presence`](crate::ClientSet::presence) begins with are charged likewise.
    pub fn replayed_bytes(mut self, per_minute: u64) -> Self {
        self.replayed = Some(per_minute);
        self
    }

    /// The server stands behind so many proxies of yours, each of which adds the address that it was
    /// asked from to `header`: the client's is then the one that the outermost of them wrote, for the limits, for
    /// spans and for logs. The other header is not looked at, nor is either of them without this: anybody
    /// can send them. Name the one that your proxies write, for the other they pass on as it came.
    ///
    /// Of a WebSocket they tell the page's host as well, to which its origin is compared: in
    /// `X-Forwarded-Host`, or in the `host` of `Forwarded`. Without that it is what `Host` says.
    ///
    /// Where the header is missing, has fewer addresses or none that can be read at that place, the
    /// connection's own peer counts, which is your innermost proxy.
    pub fn behind_proxies(mut self, header: ProxyHeader, number: usize) -> Self {
        self.proxies = (number > 0).then_some(Proxies { header, number });
        self
    }
}

/// Counts what is there; shared by a server's workers.
#[derive(Debug)]
pub(super) struct Gate {
    limits: Limits,
    counts: Mutex<Counts>,
    budget: Budget<Client>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_address: HashMap<Client, usize>,
}

/// Which limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Connections,
    Address,
}

impl Gate {
    pub(super) fn new(limits: Limits) -> Self {
        let budget = Budget::new(limits.replayed.unwrap_or(replay::DEFAULT));
        Self { limits, counts: Mutex::default(), budget }
    }

    pub(super) fn socket_rates(&self) -> SocketRates {
        self.limits.rates
    }

    /// Which tell a client's address, and the host that it asked for.
    pub(super) fn proxies(&self) -> Option<Proxies> {
        self.limits.proxies
    }

    /// Takes a place for a client.
    fn enter(&self, client: Client) -> Result<(), Over> {
        let Limits { connections, per_address, .. } = self.limits;
        let mut counts = lock(&self.counts);
        if connections.is_some_and(|most| counts.all >= most) {
            return Err(Over::Connections);
        }
        // Without a limit of one address none is counted.
        if let Some(most) = per_address {
            let of_address = counts.by_address.entry(client).or_default();
            if *of_address >= most {
                return Err(Over::Address);
            }
            *of_address += 1;
        }
        counts.all += 1;
        Ok(())
    }

    fn replays(&self, client: Client, bytes: u64) -> Result<(), Duration> {
        if bytes == 0 { Ok(()) } else { self.budget.take(client, bytes) }
    }

    fn leave(&self, client: Client) {
        let mut counts = lock(&self.counts);
        counts.all -= 1;
        if let Some(of_address) = counts.by_address.get_mut(&client) {
            *of_address -= 1;
            if *of_address == 0 {
                counts.by_address.remove(&client);
            }
        }
    }
}

/// A place that is held until this is dropped; the drain waits for that.
#[derive(Debug)]
pub(super) struct Permit {
    lifeline: Arc<Lifeline>,
    client: Client,
}

impl Permit {
    /// Takes a place at the server's gate.
    pub(super) fn new(lifeline: &Arc<Lifeline>, req: &HttpRequest) -> Result<Self, Over> {
        let client = ClientAddress::behind(lifeline.gate.proxies(), req).client();
        lifeline.gate.enter(client)?;
        lifeline.open.enter();
        Ok(Self { lifeline: Arc::clone(lifeline), client })
    }

    /// Takes so many bytes of what may be replayed to the client's address.
    ///
    /// # Errors
    /// How long it takes until there are as many.
    pub(super) fn replays(&self, bytes: u64) -> Result<(), Duration> {
        self.lifeline.gate.replays(self.client, bytes)
    }

    /// The same for who takes no place.
    pub(super) fn owing(&self) -> Owing {
        Owing { lifeline: Arc::clone(&self.lifeline), client: self.client }
    }

    pub(super) fn lifeline(&self) -> &Lifeline {
        &self.lifeline
    }
}

/// Whose budget pays for what is replayed.
#[derive(Debug)]
pub(super) struct Owing {
    lifeline: Arc<Lifeline>,
    client: Client,
}

impl Owing {
    /// The sets that the server's connections are in.
    pub(super) fn everywhere(&self) -> &Everywhere {
        &self.lifeline.everywhere
    }

    /// As [`Permit::replays`].
    pub(super) fn replays(&self, bytes: u64) -> Result<(), Duration> {
        self.lifeline.gate.replays(self.client, bytes)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.lifeline.gate.leave(self.client);
        self.lifeline.open.leave();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::test::TestRequest;

    use super::*;
    use crate::server::drain::Drain;

    fn request(peer: &str) -> HttpRequest {
        TestRequest::default().peer_addr(peer.parse().unwrap()).to_http_request()
    }

    #[test]
    fn places_are_counted_and_given_back() {
        let limits = Limits::new().connections(3).per_address(2);
        let lifeline = Arc::new(Drain::within(Duration::ZERO).lifeline(limits, false, 0));
        let enter = |req| Permit::new(&lifeline, req);
        let (here, there) = (request("10.0.0.9:1"), request("10.0.0.8:1"));
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
