//! No more clients than the server takes, in all and of one address.

use std::time::Duration;

use actix_web::web::Data;
use ereo_runtime::{ClientSet, LastEventId, Limits, Subscription, sse};

use crate::support::{Client, Server, serve_limited};

#[sse("/limits/feed", heartbeat = "off")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn server(set: &ClientSet<String>, limits: Limits) -> Server {
    let set = Data::new(set.clone());
    serve_limited(2, Duration::from_secs(10), limits, move |app| {
        app.app_data(set.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

/// A client that stays.
fn stays(server: &Server, headers: &str) -> Client {
    let mut client = Client::get_with(server.address, "/limits/feed", headers);
    assert_eq!(client.status, 200);
    client.read_until(|client| client.events.retry.is_some());
    client
}

fn refused(server: &Server, headers: &str, status: u16) {
    let client = Client::get_with(server.address, "/limits/feed", headers);
    assert_eq!(client.status, status);
    assert!(client.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn over_the_limit_in_all_is_503_until_somebody_leaves() {
    let set = ClientSet::new();
    let server = server(&set, Limits::new().connections(2));
    let (one, _two) = (stays(&server, ""), stays(&server, ""));
    refused(&server, "", 503);
    let mut watch = set.watch_len();
    one.leave();
    watch.wait_for(|clients| *clients == 1).await.unwrap();
    // The set sees the client go a moment before its place is free.
    let free = || Client::get(server.address, "/limits/feed").status == 200;
    assert!((0..1000).any(|_| free()));
}

#[test]
fn over_the_limit_of_one_address_is_429_and_hurts_no_other() {
    let limits = Limits::new().per_address(1).behind_proxies(1);
    let server = server(&ClientSet::new(), limits);
    let _one = stays(&server, "x-forwarded-for: 1.1.1.1\r\n");
    refused(&server, "x-forwarded-for: 1.1.1.1\r\n", 429);
    // What a client claims before its proxy's own word counts nothing.
    refused(&server, "x-forwarded-for: 9.9.9.9, 1.1.1.1\r\n", 429);
    let _other = stays(&server, "x-forwarded-for: 2.2.2.2\r\n");
}
