//! A broadcast is serialized once, however many clients read it and whenever they come.

use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::web::Data;
use ereo_runtime::{ClientSet, LastEventId, Message, Subscription, sse};
use serde::{Serialize, Serializer};

use crate::support::{Client, serve};

static SERIALIZED: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Message)]
struct Counted;

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SERIALIZED.fetch_add(1, Ordering::Relaxed);
        serializer.serialize_str("counted")
    }
}

#[sse("/encode-once/feed")]
async fn feed(set: Data<ClientSet<Counted>>, last: LastEventId) -> Subscription<Counted> {
    set.subscribe(last)
}

#[test]
fn for_a_hundred_clients_and_one_that_comes_back() {
    let set = ClientSet::new();
    let before = set.position();
    let data = Data::new(set.clone());
    let server = serve(move |app| {
        app.app_data(data.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    });
    let mut clients: Vec<_> =
        (0..100).map(|_| Client::get(server.address, "/encode-once/feed")).collect();
    clients.iter_mut().for_each(|client| client.read_until(|client| client.events.retry.is_some()));
    set.broadcast(&Counted).unwrap();
    for client in &mut clients {
        assert_eq!(client.data(), "\"counted\"");
    }
    let back = format!("/encode-once/feed?lastEventID={before}");
    assert_eq!(Client::get(server.address, &back).data(), "\"counted\"");
    assert_eq!(SERIALIZED.load(Ordering::Relaxed), 1);
}
