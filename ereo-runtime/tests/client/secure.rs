//! TLS, by HTTP/1.1 and HTTP/2.

use std::sync::Arc;

use actix_web::http::Version;
use actix_web::{App, HttpRequest, HttpServer};
use ereo_runtime::client::rustls::{ClientConfig, RootCertStore, crypto::ring};
use ereo_runtime::client::{Client, Lost, News};
use ereo_runtime::prelude::*;
use rustls::pki_types::CertificateDer;

use crate::support::{heard, message, next};
use crate::tls;

/// The version of HTTP by which it is asked for, and no more.
#[sse("/client/version")]
async fn version(req: HttpRequest) -> impl Stream<Item = String> {
    let version = if req.version() == Version::HTTP_2 { "2" } else { "1.1" };
    futures_util::stream::iter([version.to_owned()])
}

#[websocket("/client/secure")]
async fn secure(mut socket: Socket<String, String>) -> Result<(), SocketError> {
    while let Some(text) = socket.recv().await? {
        socket.send(&text).await?;
    }
    Ok(())
}

/// A port with TLS, as long as the test runs.
fn serve() -> u16 {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let served = actix_web::rt::System::new().block_on(async move {
            let drain = Drain::within(Duration::from_secs(2)).on(std::future::pending());
            let routes = ereo_runtime::routes().unwrap().only(module_path!());
            let server = HttpServer::new(move || App::new().service(routes.clone()))
                .workers(1)
                .realtime(drain)
                .bind_rustls_0_23(("127.0.0.1", 0), tls::server())?;
            tell.send(server.addrs()[0].port()).unwrap();
            server.run().await
        });
        served.unwrap();
    });
    told.recv().unwrap()
}

fn trusting() -> Client {
    let mut roots = RootCertStore::empty();
    let certificate = include_bytes!("../http/support/tls/certificate.der");
    roots.add(CertificateDer::from(&certificate[..])).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    Client::with_tls(config.with_root_certificates(roots).with_no_client_auth())
}

#[tokio::test]
async fn streams_go_over_http_2_and_sockets_over_http_1() {
    let port = serve();
    let target = trusting().at(&format!("https://localhost:{port}{}", version::ROUTE)).unwrap();
    let mut events = target.events::<String>();
    assert_eq!(message(&mut events, &mut Vec::new()).await, "2");
    assert_eq!(next(&mut events).await, Ok(None));

    let target = trusting().at(&format!("wss://localhost:{port}{}", secure::ROUTE)).unwrap();
    let mut socket = target.socket::<String, String>();
    socket.send(&"over TLS".to_owned()).unwrap();
    assert_eq!(heard(&mut socket, &mut Vec::new()).await, "over TLS");
    socket.close(1000, "done").await;
}

#[tokio::test]
async fn who_is_not_trusted_is_not_asked() {
    let port = serve();
    let url = format!("https://localhost:{port}{}", version::ROUTE);
    // What the system trusts has no part in the tests' certificate.
    let mut events = Client::new().at(&url).unwrap().events::<String>();
    let news = next(&mut events).await.unwrap().unwrap();
    let News::Lost { cause: Lost::Broken(error), .. } = news else { panic!("{news:?}") };
    assert!(error.to_lowercase().contains("certificate"), "{error}");
}
