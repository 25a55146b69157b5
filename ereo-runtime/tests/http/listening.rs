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

/// There is no way past the methods that make a listener known.
#[test]
fn only_tls_is_bound_by_methods_of_actix() {
    let server = HttpServer::new(App::new).realtime(drain());
    let error = server.bind_tls(|server| server.bind(("127.0.0.1", 0))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    #[cfg(unix)]
    {
        let path = std::env::temp_dir().join(format!("ereo-{}-tls", std::process::id()));
        let server = HttpServer::new(App::new).realtime(drain());
        let error = server.bind_tls(|server| server.bind_uds(&path)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        std::fs::remove_file(path).unwrap();
    }
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
    assert_eq!((client.status, handle.open(), called.load(Ordering::Relaxed)), (200, 1, 1));
    handle.begin();
    running.await.unwrap().unwrap();
    assert_eq!(handle.open(), 0);
    assert!(client.event().is_none());
    assert!(client.events.retry.is_some() && client.body.ends_with(b"\n\n"));
}
