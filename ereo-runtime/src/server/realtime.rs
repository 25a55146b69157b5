//! `HttpServer::realtime(..)`.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{Request, Response};
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Extensions};
use actix_web::rt::net::TcpStream;
use actix_web::{Error, HttpServer};

use super::drain::Drain;
#[cfg(feature = "test")]
use super::drain::DrainHandle;
use super::lifeline::{Connected, Lifeline};
use super::limits::Limits;
use super::origin::Origins;
use super::realtime_server::RealtimeServer;
use crate::broadcast::Everywhere;
use crate::takeover::{self, Plain};

/// How a server treats connections that live long: a [`Drain`], which alone will do, and [`Limits`].
///
/// ```no_run
/// use ereo_runtime::prelude::*;
///
/// # async fn run() -> std::io::Result<()> {
/// let realtime = Realtime::new(Drain::within(Duration::from_secs(10)))
///     .limits(Limits::new().connections(10_000).per_address(100))
///     .tcp_user_timeout(Duration::from_secs(20));
/// HttpServer::new(App::new).realtime(realtime).bind("127.0.0.1:8080")?.run().await
/// # }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Realtime {
    drain: Drain,
    limits: Limits,
    origins: Origins,
    everywhere: Everywhere,
    direct_writes: bool,
    unacknowledged: Duration,
    send_buffer: usize,
}

/// Enough for what a stream sends in a round trip, and 40 MB of the kernel's for a thousand clients that do
/// not read.
const SEND_BUFFER: usize = 128 << 10;

impl Realtime {
    /// With this drain and no limits.
    pub fn new(drain: Drain) -> Self {
        let unacknowledged = Duration::from_secs(30);
        let (limits, origins) = (Limits::new(), Origins::same_host());
        let send_buffer = SEND_BUFFER;
        let everywhere = Everywhere::default();
        Self {
            drain,
            limits,
            origins,
            everywhere,
            direct_writes: true,
            unacknowledged,
            send_buffer,
        }
    }

    /// With these limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The pages that may open a socket whose route has no `origins` of its own; those of the same host.
    ///
    /// What differs between machines is configuration, and checked at start:
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// // ORIGINS="self, https://*.app.example, capacitor://localhost"
    /// let origins = match std::env::var("ORIGINS") {
    ///     Ok(list) => list.parse()?,
    ///     Err(_) => Origins::same_host(),
    /// };
    /// let realtime = Realtime::new(Drain::within(Duration::from_secs(10))).origins(origins);
    /// # let _ = realtime;
    /// # Ok::<_, ereo_runtime::websocket::InvalidOrigin>(())
    /// ```
    ///
    /// Behind a proxy the page's host must arrive here, as `Host` or, where
    /// [`Limits::behind_proxies`] says how many there are, as `X-Forwarded-Host`. A page that is refused
    /// is told in the log, with its origin and the host.
    pub fn origins(mut self, origins: Origins) -> Self {
        self.origins = origins;
        self
    }

    /// What ends connections by name in all sets and rooms of this server; to be had on as an argument of its
    /// handlers.
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// let realtime = Realtime::new(Drain::within(Duration::from_secs(10)));
    /// let everywhere = realtime.everywhere();
    /// std::thread::spawn(move || {
    ///     everywhere.disconnect(Who::Member("ann"), Ending::code(4001, "logged out").final_())
    /// });
    /// # let _ = realtime;
    /// ```
    pub fn everywhere(&self) -> Everywhere {
        self.everywhere.clone()
    }

    /// How long a peer may leave what was sent to it unacknowledged, or unread with its buffers full,
    /// before its TCP connection is dropped; 30 s by default, on Linux. Elsewhere, and for TLS that ends
    /// here, the system's own timeouts hold.
    ///
    /// It is what finds a peer that neither answers nor closes: a heartbeat or a ping is sent to it, and
    /// nothing comes back. Nothing inside a stream could tell, for nobody asks a stream whose peer has
    /// stopped reading.
    pub fn tcp_user_timeout(mut self, timeout: Duration) -> Self {
        self.unacknowledged = timeout;
        self
    }

    /// How many bytes the kernel may hold of what one event stream or socket is sent and its peer has not
    /// taken (`SO_SNDBUF`); 128 KiB by default, on Linux, which takes twice as much for its own account of
    /// them and no more than `net.core.wmem_max`. Elsewhere, and for TLS that ends here, it is the system's
    /// own, which on Linux grows to 4 MiB a connection (`net.ipv4.tcp_wmem`).
    ///
    /// It is what a client that does not read costs. One that does gets so many bytes a round trip at most:
    /// with 128 KiB and 100 ms a megabyte a second. Other responses of the connection before the stream are
    /// as they were; those behind it are bounded as well.
    pub fn send_buffer(mut self, bytes: usize) -> Self {
        self.send_buffer = bytes;
        self
    }

    /// Whether event streams and sockets may leave actix's dispatcher and write to their sockets
    /// themselves; they may by default. It is what makes a delivery cheap and an idle connection
    /// small, and it happens only where it can: HTTP/1.1 over plain TCP on Linux, which is also what
    /// stands behind a proxy that terminates TLS. Elsewhere actix writes, and nothing else changes.
    ///
    /// Turn it off if a middleware of yours changes the bytes of response bodies, which it would not
    /// see any more. Other middlewares, and all that concerns the response's head, work as ever; what
    /// `Logger` says of a stream's size is the head's. A connection that has left actix does not count for
    /// `HttpServer::max_connections` any more: see [`Limits::connections`]. The connection of an event
    /// stream closes with it, and its head says so (`connection: close`).
    ///
    /// A connection has actix's dispatcher, and its memory, until its response has begun. What many that
    /// come at once have at the same time stays with the process, as the system's allocator is made
    /// ([how much, and for how long they wait][storm]). `HttpServer::max_connections` is what bounds that.
    /// Where a proxy stands before the server, and there are few other connections for it, 64 a worker
    /// are enough: those who come meanwhile wait in the listener's backlog.
    ///
    /// [storm]: https://github.com/ereo/ereo/blob/main/docs/BENCHMARKS.md#clients-that-come-at-once
    ///
    /// The dispatcher of an event stream is left by unwinding it, which no panic hook hears of. Where
    /// panics abort (`panic = "abort"`) event streams stay with actix; sockets leave all the same.
    ///
    /// Whether this version of actix and this kernel let go of a connection is tried once when the server is
    /// made, over loopback and within milliseconds. Where they do not, a `warn` says so and actix writes.
    pub fn direct_writes(mut self, direct_writes: bool) -> Self {
        self.direct_writes = direct_writes;
        self
    }

    /// With a drain that leaves the process's signals alone, and a handle to it.
    #[cfg(feature = "test")]
    pub(crate) fn for_tests(mut self) -> (Self, DrainHandle) {
        self.drain = self.drain.deaf();
        let handle = self.drain.handle();
        (self, handle)
    }

    /// What each connection of the server is to be told, and the drain that is to run beside it.
    pub(super) fn begin(self) -> (Connecting, Drain) {
        let Self { drain, limits, origins, everywhere, direct_writes, unacknowledged, send_buffer } =
            self;
        let mut lifeline = drain.lifeline(limits, direct_writes && takes_over(), send_buffer);
        (lifeline.origins, lifeline.everywhere) = (origins, everywhere);
        (Connecting { lifeline: Arc::new(lifeline), unacknowledged }, drain)
    }
}

impl From<Drain> for Realtime {
    fn from(drain: Drain) -> Self {
        Self::new(drain)
    }
}

/// Makes a server fit for connections that live long.
///
/// ```no_run
/// use ereo_runtime::prelude::*;
///
/// # async fn run() -> std::io::Result<()> {
/// let drain = Drain::within(Duration::from_secs(10));
/// HttpServer::new(App::new).realtime(drain).bind("127.0.0.1:8080")?.run().await
/// # }
/// ```
pub trait HttpServerExt: Sized {
    /// The server, made fit: it is bound and run as before.
    type Server;

    /// Sees clients leave at once, and drains on SIGTERM; call it before `bind`. A server that is bound
    /// already is an error when it is bound once more, or run.
    ///
    /// It sets, on the server:
    /// - `h1_allow_half_closed(false)`: a client that closes is gone at once, not at the next
    ///   heartbeat. The price: a plain HTTP/1 client that shuts down its writing side after the
    ///   request gets no answer.
    /// - `client_disconnect_timeout(0)`: a connection that ended does not linger.
    /// - `tcp_nodelay(true)`: an event does not wait for the client's acknowledgement of the one before
    ///   it, nor the end of a large one for that of its beginning. Many clients delay those by 40 ms.
    /// - `shutdown_signal` and `shutdown_timeout`: the [`Drain`]. actix's own signal handling is
    ///   replaced.
    /// - `on_connect`: each connection learns of the drain and of its socket ([`Realtime::direct_writes`]), and
    ///   a TCP connection whose peer acknowledges nothing for 30 s ([`Realtime::tcp_user_timeout`]) is
    ///   dropped. One of your own is set behind this call ([`RealtimeServer::on_connect`]); one that
    ///   was set before it is replaced.
    ///
    /// HTTP/2 is the application's choice, by the feature `http2` of this crate or of actix-web; browsers speak it over TLS
    /// only, here or at a proxy. Over it a client that leaves without a word is seen by the heartbeat only.
    #[must_use]
    fn realtime(self, realtime: impl Into<Realtime>) -> Self::Server;
}

impl<F, I, S, B> HttpServerExt for HttpServer<F, I, S, B>
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
    type Server = RealtimeServer<F, I, S, B>;

    fn realtime(self, realtime: impl Into<Realtime>) -> Self::Server {
        let (connecting, drain) = realtime.into().begin();
        let server = self
            .h1_allow_half_closed(false)
            .client_disconnect_timeout(Duration::ZERO)
            .tcp_nodelay(true)
            .shutdown_timeout(drain.shutdown_timeout())
            .shutdown_signal(drain.run(Arc::clone(&connecting.lifeline)));
        RealtimeServer::new(server, connecting)
    }
}

/// Whether streams may be taken over from actix: tried once, before the server starts.
fn takes_over() -> bool {
    takeover::check()
        .inspect_err(
            |error| tracing::warn!(%error, "actix writes: its connections cannot be taken over"),
        )
        .is_ok()
}

/// What a new connection is told, before its first request.
#[derive(Debug, Clone)]
pub(super) struct Connecting {
    lifeline: Arc<Lifeline>,
    unacknowledged: Duration,
}

impl Connecting {
    pub(super) fn everywhere(&self) -> &Everywhere {
        &self.lifeline.everywhere
    }

    #[cfg(feature = "test")]
    pub(super) fn lifeline(&self) -> &Arc<Lifeline> {
        &self.lifeline
    }

    pub(super) fn connected(&self, io: &dyn Any, data: &mut Extensions) {
        let tcp = io.downcast_ref::<TcpStream>();
        if let Some(tcp) = tcp {
            drop_silent_peers(tcp, self.unacknowledged);
        }
        data.insert(Connected::new(Arc::clone(&self.lifeline), tcp.and_then(Plain::of)));
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
fn drop_silent_peers(tcp: &TcpStream, unacknowledged: Duration) {
    if let Err(error) = socket2::SockRef::from(tcp).set_tcp_user_timeout(Some(unacknowledged)) {
        tracing::debug!(%error, "no TCP user timeout: a stalled peer is found by the system's own");
    }
}

/// Elsewhere the system's own timeouts find such a peer.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "fuchsia")))]
fn drop_silent_peers(_: &TcpStream, _: Duration) {}
