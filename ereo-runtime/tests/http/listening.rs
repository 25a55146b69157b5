//! However a server listens, it knows of the drain, or does not serve.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::web::Data;
use actix_web::{App, HttpServer, web};
use ereo_runtime::{ClientSet, Drain, HttpServerExt as _, LastEventId, Subscription, sse};

use crate::support::Client;

#[sse("/listening/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn drain() -> Drain {
    Drain::within(Duration::from_secs(5))
}

#[actix_web::test]
async fn what_was_bound_before_does_not_serve() {
    let bound = || HttpServer::new(App::new).bind(("127.0.0.1", 0)).unwrap();
    let error = bound().realtime(drain()).bind(("127.0.0.1", 0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let error = bound().realtime(drain()).listen(listener).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = bound().realtime(drain()).run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("bound before `.realtime(..)`"), "{error}");
}

/// Methods that a feature of actix-web adds are there with it, and say so without it.
#[test]
fn a_listener_without_its_feature_is_an_error_at_start() {
    let server = || HttpServer::new(App::new).realtime(drain());
    let address = ("127.0.0.1", 0);
    let error = server().bind_openssl(address, ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("actix-web's feature `openssl`"), "{error}");
    // The feature is there, and this is no configuration of it.
    let error = server().bind_rustls_0_23(address, "config").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let server = server().bind_rustls_0_23(address, crate::support::tls::server()).unwrap();
    assert_eq!(server.addrs_with_scheme()[0].1, "https");
}

/// One that would have undone the drain, and says so in what it puts into the data.
#[actix_web::test]
async fn an_own_on_connect_is_called_and_the_connection_known_all_the_same() {
    let drain = drain();
    let handle = drain.handle();
    let set = Data::new(ClientSet::<String>::new());
    let called = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&called);
    let server = HttpServer::new(move || {
        let routes = ereo_runtime::routes().unwrap().only(module_path!());
        App::new().app_data(set.clone()).service(routes)
    })
    .workers(1)
    .realtime(drain)
    .on_connect(move |_, data| {
        data.clear();
        counts.fetch_add(1, Ordering::Relaxed);
    })
    .bind(("127.0.0.1", 0))
    .unwrap();
    let address = server.addrs()[0];
    let running = actix_web::rt::spawn(server.run());
    let mut client = web::block(move || Client::get(address, "/listening/feed")).await.unwrap();
    assert_eq!(
        (client.status, handle.open_connections(), called.load(Ordering::Relaxed)),
        (200, 1, 1)
    );
    handle.begin();
    running.await.unwrap().unwrap();
    assert_eq!(handle.open_connections(), 0);
    assert!(client.event().is_none());
    assert!(client.events.retry.is_some() && client.body.ends_with(b"\n\n"));
}
