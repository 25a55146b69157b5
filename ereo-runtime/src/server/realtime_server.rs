//! An `HttpServer` that is `.realtime(..)`, however it listens.
//!
//! Drain, limits and counting hang on `on_connect`, which actix takes down when it binds, and which it
//! does not call for connections of `bind_uds`. So the server is wrapped: nothing reaches actix's own
//! `on_connect`, `shutdown_signal` or `bind_uds` any more, and what was bound too early does not run.

use std::any::Any;
use std::fmt::{self, Debug};
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
#[cfg(unix)]
use std::os::unix::net::UnixListener;
#[cfg(unix)]
use std::path::Path;
use std::time::Duration;

use actix_http::{KeepAlive, Request, Response};
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Extensions};
use actix_web::{Error, HttpServer};

#[allow(unused_imports, reason = "features of actix-web take the place of what it has")]
use super::by_feature::Absent as _;
use super::realtime::Connecting;
use super::running::Running;
use crate::broadcast::Everywhere;

/// Why a server that was bound before `.realtime(..)` does not run.
const BOUND_BEFORE: &str = "the server was bound before `.realtime(..)`, which that listener would not \
    know of: call `.realtime(..)` first";

/// A server that drains, limits and counts, by
/// [`HttpServerExt::realtime`](super::HttpServerExt::realtime).
///
/// It has `HttpServer`'s methods. Left out are `shutdown_signal` and `shutdown_timeout`, which are the
/// [`Drain`](super::Drain)'s. The methods for TLS and HTTP/2 do what they do in actix where the application
/// has chosen actix-web's feature for them, and are an error at start where it has not.
///
/// ```no_run
/// use ereo_runtime::prelude::*;
///
/// # async fn run() -> std::io::Result<()> {
/// // What `.realtime(..)` gives has the methods of actix's server.
/// let server = HttpServer::new(App::new).realtime(Drain::within(Duration::from_secs(10)));
/// server.workers(2).max_connections(64).bind("127.0.0.1:8080")?.run().await
/// # }
/// ```
#[must_use]
pub struct RealtimeServer<F, I, S, B>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig>,
    S::Error: Into<Error>,
    S::InitError: Debug,
    S::Response: Into<Response<B>>,
    B: MessageBody,
{
    server: HttpServer<F, I, S, B>,
    connecting: Connecting,
    bound_before: bool,
}

/// `HttpServer`'s settings, by their names there.
macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident($($value:ident: $type:ty)?);)*) => {
        $($(#[$doc])*
        pub fn $name(mut self $(, $value: $type)?) -> Self {
            self.server = self.server.$name($($value)?);
            self
        })*
    };
}

impl<F, I, S, B> RealtimeServer<F, I, S, B>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    pub(super) fn new(server: HttpServer<F, I, S, B>, connecting: Connecting) -> Self {
        let bound_before = !server.addrs().is_empty();
        Self { server, connecting, bound_before }.on_connect(|_, _| {})
    }

    settings! {
        /// As `HttpServer::workers`.
        workers(number: usize);
        /// As `HttpServer::keep_alive`.
        keep_alive(keep_alive: impl Into<KeepAlive>);
        /// As `HttpServer::tcp_nodelay`, which is on by default here.
        tcp_nodelay(enabled: bool);
        /// As `HttpServer::backlog`.
        backlog(backlog: u32);
        /// As `HttpServer::max_connections`; see [`Realtime::direct_writes`](super::Realtime::direct_writes).
        max_connections(most: usize);
        /// As `HttpServer::max_connection_rate`.
        max_connection_rate(most: usize);
        /// As `HttpServer::worker_max_blocking_threads`.
        worker_max_blocking_threads(most: usize);
        /// As `HttpServer::client_request_timeout`.
        client_request_timeout(timeout: Duration);
        /// As `HttpServer::client_disconnect_timeout`, which is zero by default here.
        client_disconnect_timeout(timeout: Duration);
        /// As `HttpServer::h1_allow_half_closed`, which is off by default here.
        h1_allow_half_closed(allow: bool);
        /// As `HttpServer::h1_write_buffer_size`.
        h1_write_buffer_size(size: usize);
        /// As `HttpServer::tls_handshake_timeout`; without a feature for TLS it means nothing.
        tls_handshake_timeout(timeout: Duration);
        /// As `HttpServer::h2_initial_window_size`; without the feature `http2` it means nothing.
        h2_initial_window_size(size: u32);
        /// As `HttpServer::h2_initial_connection_window_size`; without the feature `http2` it means nothing.
        h2_initial_connection_window_size(size: u32);
        /// As `HttpServer::server_hostname`.
        server_hostname(name: impl AsRef<str>);
        /// As `HttpServer::system_exit`.
        system_exit();
        /// As `HttpServer::disable_signals`; the [`Drain`](super::Drain) listens to its own.
        disable_signals();
    }

    /// Sets a function that is called with each new connection, as `HttpServer::on_connect` does;
    /// call it before `bind`.
    pub fn on_connect<C>(mut self, on_connect: C) -> Self
    where
        C: Fn(&dyn Any, &mut Extensions) + Send + Sync + 'static,
    {
        let connecting = self.connecting.clone();
        // Ours goes last: whatever the other has made of the data, the connection is known.
        self.server = self.server.on_connect(move |io, data| {
            on_connect(io, data);
            connecting.connected(io, data);
        });
        self
    }

    /// What ends connections by name in all sets and rooms of this server; see [`Everywhere`].
    pub fn everywhere(&self) -> Everywhere {
        self.connecting.everywhere().clone()
    }

    /// As `HttpServer::addrs`.
    pub fn addrs(&self) -> Vec<SocketAddr> {
        self.server.addrs()
    }

    /// As `HttpServer::addrs_with_scheme`.
    pub fn addrs_with_scheme(&self) -> Vec<(SocketAddr, &str)> {
        self.server.addrs_with_scheme()
    }

    /// As `HttpServer::bind`.
    ///
    /// # Errors
    /// Those of `HttpServer::bind`, and `InvalidInput` where the server was bound before
    /// `.realtime(..)`.
    pub fn bind(self, addresses: impl ToSocketAddrs) -> io::Result<Self> {
        self.listening(|server| server.bind(addresses))
    }

    /// As `HttpServer::listen`.
    ///
    /// # Errors
    /// As [`RealtimeServer::bind`].
    pub fn listen(self, listener: TcpListener) -> io::Result<Self> {
        self.listening(|server| server.listen(listener))
    }

    /// Binds to a Unix domain socket at `path`, for HTTP/1.1; one that is left there from before is
    /// replaced. Among the [`addrs`](RealtimeServer::addrs) it is what actix has for it, 127.0.0.1:8080.
    ///
    /// Whoever connects has no address: see [`Limits::per_address`](super::Limits::per_address). Streams stay with
    /// actix's dispatcher ([`Realtime::direct_writes`](super::Realtime::direct_writes)).
    ///
    /// # Errors
    /// Those of the file system, and `InvalidInput` where the server was bound before `.realtime(..)`.
    #[cfg(unix)]
    pub fn bind_uds(self, path: impl AsRef<Path>) -> io::Result<Self> {
        use std::os::unix::fs::FileTypeExt as _;

        let path = path.as_ref();
        match std::fs::symlink_metadata(path) {
            Ok(file) if file.file_type().is_socket() => std::fs::remove_file(path)?,
            // What else is there is nobody's leftover: binding fails.
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        self.listen_uds(UnixListener::bind(path)?)
    }

    /// As `HttpServer::listen_uds`; see [`RealtimeServer::bind_uds`].
    ///
    /// # Errors
    /// As [`RealtimeServer::bind`].
    #[cfg(unix)]
    pub fn listen_uds(self, listener: UnixListener) -> io::Result<Self> {
        self.listening(|server| server.listen_uds(listener))
    }

    pub(super) fn listening(
        mut self,
        listen: impl FnOnce(HttpServer<F, I, S, B>) -> io::Result<HttpServer<F, I, S, B>>,
    ) -> io::Result<Self> {
        if self.bound_before {
            return Err(bound_before());
        }
        self.server = listen(self.server)?;
        Ok(self)
    }

    /// Serves; as `HttpServer::run`.
    ///
    /// # Panics
    /// As `HttpServer::run`: where nothing is bound, or no runtime is there.
    pub fn run(self) -> Running {
        Running::new(self.server.run(), self.bound_before.then(bound_before))
    }
}

fn bound_before() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, BOUND_BEFORE)
}

impl<F, I, S, B> Debug for RealtimeServer<F, I, S, B>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig>,
    S::Error: Into<Error>,
    S::InitError: Debug,
    S::Response: Into<Response<B>>,
    B: MessageBody,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealtimeServer").finish_non_exhaustive()
    }
}
