//! Connections: hyper's for HTTP, and the same streams below for sockets.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower_service::Service as _;

use super::target::{InvalidUrl, Target};

/// How often a connection of HTTP/2 is asked whether it lives, and how long it may think about it; also how
/// long TCP waits before it asks.
const ALIVE: Duration = Duration::from_secs(15);

/// Makes connections; cheap to clone. Clones share those of HTTP/2.
#[derive(Clone)]
pub struct Client {
    http: legacy::Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    /// Sockets are opened by HTTP/1.1.
    sockets: HttpsConnector<HttpConnector>,
}

/// What a socket goes over.
pub(super) type Wire = TokioIo<MaybeHttpsStream<TokioIo<TcpStream>>>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Client {
    /// Trusts what the system trusts. Where that is nothing, as in a container without certificates, a
    /// warning is traced, and TLS trusts nobody.
    #[expect(clippy::new_without_default, reason = "it reads files")]
    pub fn new() -> Self {
        let provider = rustls::crypto::ring::default_provider;
        let native = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider());
        let both = native.and_then(|http| {
            let sockets = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider())?;
            Ok((http, sockets))
        });
        match both {
            Ok((http, sockets)) => Self {
                http: client(http.https_or_http().enable_all_versions().wrap_connector(tcp())),
                sockets: sockets.https_or_http().enable_http1().wrap_connector(tcp()),
            },
            Err(error) => {
                tracing::warn!(%error, "the system has no certificates: TLS trusts nobody");
                let config = ClientConfig::builder_with_provider(Arc::new(provider()))
                    .with_safe_default_protocol_versions()
                    .expect("ring has the versions of TLS that rustls takes for safe")
                    .with_root_certificates(RootCertStore::empty());
                Self::with_tls(config.with_no_client_auth())
            }
        }
    }

    /// With TLS of one's own making: other roots, a client's certificate. Its protocols (ALPN) are chosen
    /// here.
    pub fn with_tls(mut config: ClientConfig) -> Self {
        config.alpn_protocols = Vec::new();
        let tls = |config| HttpsConnectorBuilder::new().with_tls_config(config).https_or_http();
        Self {
            http: client(tls(config.clone()).enable_all_versions().wrap_connector(tcp())),
            sockets: tls(config).enable_http1().wrap_connector(tcp()),
        }
    }

    /// What is at this URL, of `http`, `https`, `ws` or `wss`: an event stream or a socket, as it is followed.
    ///
    /// # Errors
    /// When it is none.
    pub fn at(&self, url: &str) -> Result<Target, InvalidUrl> {
        Target::new(self.clone(), url)
    }

    pub(super) async fn request(
        &self,
        request: Request<Empty<Bytes>>,
    ) -> Result<Response<Incoming>, String> {
        self.http.request(request).await.map_err(|error| chain(&error))
    }

    pub(super) async fn connect(&self, uri: Uri) -> Result<Wire, String> {
        let mut connector = self.sockets.clone();
        let connected: Result<_, BoxError> = connector.call(uri).await;
        connected.map(TokioIo::new).map_err(|error| chain(&*error))
    }
}

fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(Duration::from_secs(10)));
    tcp.set_keepalive(Some(ALIVE));
    tcp
}

fn client(
    connector: HttpsConnector<HttpConnector>,
) -> legacy::Client<HttpsConnector<HttpConnector>, Empty<Bytes>> {
    legacy::Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .http2_keep_alive_interval(ALIVE)
        .http2_keep_alive_timeout(ALIVE)
        .build(connector)
}

/// An error in the words of all that it comes from.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
