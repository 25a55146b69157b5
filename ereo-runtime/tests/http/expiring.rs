//! Streams whose client's credentials end.

use std::time::Duration;

use actix_web::web::{Data, Query};
use ereo_runtime::{ClientSet, LastEventId, Subscription, sse};

use crate::support::{Client, Server, serve};

#[derive(serde::Deserialize)]
struct Session {
    milliseconds: u64,
    /// Every renewal is asked for halfway: so many, and the session is over.
    renewals: Option<u32>,
}

#[sse("/expiring/feed", heartbeat = "off")]
async fn feed(
    session: Query<Session>,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Subscription<String> {
    let left = Duration::from_millis(session.milliseconds);
    let feed = set.subscribe(last).expires_at(left);
    let Some(mut renewals) = session.renewals else { return feed };
    let set = Data::clone(&set);
    feed.refresh(move || {
        set.broadcast(&format!("{renewals} left")).unwrap();
        let renewed = (renewals > 0).then_some(left);
        renewals = renewals.saturating_sub(1);
        async move { renewed }
    })
}

fn server(set: &ClientSet<String>) -> Server {
    let set = Data::new(set.clone());
    serve(move |app| {
        app.app_data(set.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

#[test]
fn a_stream_ends_with_its_credentials_and_goes_on_with_fresh_ones() {
    let set = ClientSet::new();
    let server = server(&set);
    let mut client = Client::get(server.address, "/expiring/feed?milliseconds=50");
    let expired = client.event().unwrap();
    assert_eq!((&*expired.event, &*expired.data), ("ereo.expired", "{}"));
    assert!(client.event().is_none());
    assert!(client.body.ends_with(b"event: ereo.expired\ndata: {}\n\n") && client.ended);
    set.broadcast(&"meanwhile".to_owned()).unwrap();
    let last = format!("last-event-id: {}\r\n", expired.last_event_id);
    let path = "/expiring/feed?milliseconds=3600000";
    let mut client = Client::get_with(server.address, path, &last);
    assert_eq!(client.data(), "meanwhile");
}

#[test]
fn clients_whose_credentials_end_together_come_back_one_after_the_other() {
    let set = ClientSet::new();
    let server = server(&set);
    let path = "/expiring/feed?milliseconds=300";
    let mut clients = Vec::from_iter((0..30).map(|_| Client::get(server.address, path)));
    let mut retries = clients.iter_mut().map(|client| {
        assert_eq!(client.event().unwrap().event, "ereo.expired");
        assert!(client.event().is_none());
        client.events.retry.unwrap()
    });
    let mut retries = Vec::from_iter(&mut retries);
    // The route's own, and up to three seconds of spread.
    assert!(retries.iter().all(|retry| (1000..=4000).contains(retry)), "{retries:?}");
    retries.sort_unstable();
    retries.dedup();
    assert!(retries.len() > 10, "{retries:?}");
}

#[test]
fn a_renewed_stream_goes_on_until_it_is_not_renewed() {
    let set = ClientSet::new();
    let server = server(&set);
    let path = "/expiring/feed?milliseconds=400&renewals=2";
    let mut client = Client::get(server.address, path);
    assert_eq!(client.data(), "2 left");
    assert_eq!(client.data(), "1 left");
    // What is sent with the last refusal is not for this client any more.
    let expired = client.event().unwrap();
    assert_eq!(expired.event, "ereo.expired");
    assert!(client.event().is_none());
    assert_eq!(set.position().offset(), 3);
}
