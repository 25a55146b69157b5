//! Memory that the feature `inspector` takes for a connection, as its documentation says it.

use std::rc::Rc;
use std::time::Duration;

use allocation_counter::measure;
use tokio::time::Instant;

use super::*;
use crate::broadcast::{ClientSet, Leash};
use crate::charge::{Payer, paying};
use crate::log::LastEventId;
use crate::progress::Readings;
use crate::server::client_address::ClientAddress;
use crate::server::observe::{ConnectionKind, Route};

const CONNECTIONS: usize = 10_000;

struct Connection(Arc<Readings>);

impl Payer for Connection {
    fn pay(self: Rc<Self>, _: u64) -> Result<(), Duration> {
        Ok(())
    }

    fn readings(&self) -> Option<Arc<Readings>> {
        Some(Arc::clone(&self.0))
    }
}

/// Bytes a connection.
fn each<T>(mut make: impl FnMut() -> T) -> u64 {
    let mut all = Vec::with_capacity(CONNECTIONS);
    let counted = measure(|| all.extend((0..CONNECTIONS).map(|_| make())));
    drop(all);
    u64::try_from(counted.bytes_current).unwrap() / CONNECTIONS as u64
}

#[test]
fn a_connection_takes_what_the_documentation_says() {
    let (registry, route) = (Arc::<Registry>::default(), Arc::new(Route::new("/feed".to_owned())));
    let peer = ClientAddress::Peer("[2001:db8::1]:443".parse().unwrap());
    let listed =
        || Registered::listed(&registry, ConnectionKind::Sse, &route, peer, Instant::now());
    let set = ClientSet::<String>::new();
    let subscribe = || set.subscribe(LastEventId::none());

    let alone = each(subscribe);
    let socket = each(|| {
        let registered = listed();
        let payer = Rc::new(Connection(Arc::clone(registered.readings())));
        let subscription = paying(payer, subscribe);
        (subscription, registered)
    }) - alone;
    let stream = each(|| {
        let registered = listed();
        let payer = Rc::new(Connection(Arc::clone(registered.readings())));
        let mut subscription = paying(payer, subscribe);
        let leash = Leash::new();
        subscription.is_named(&leash);
        registered.is_named(&leash.handle());
        (subscription, registered)
    }) - alone;
    println!("a socket {socket}, a stream {stream} bytes");
    // As `inspector` says.
    assert!((300..=336).contains(&socket), "{socket}");
    assert!((480..=540).contains(&stream), "{stream}");
}
