//! A server under test.

use std::net::SocketAddr;
#[cfg(unix)]
use std::path::PathBuf;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpServer, middleware};
use ereo_runtime::test::{self, OverTcp};
use ereo_runtime::{ClientSet, Drain, HttpServerExt, Limits, Realtime};
use tokio::sync::oneshot;

use super::tls;

/// Stops, and waits for its end, when it is dropped.
pub struct Server {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Tells the server to drain and waits until its process would end.
    pub fn drain(mut self) {
        self.end();
    }

    /// Tells the server to drain.
    pub fn begin_drain(&mut self) {
        let _ = self.stop.take().map(|stop| stop.send(()));
    }

    fn end(&mut self) {
        self.begin_drain();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server's thread ended well");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// One worker, HTTP/1 and HTTP/2 on one port, ten seconds to drain.
pub fn serve(configure: impl Fn(&mut ServiceConfig) + Send + Clone + 'static) -> Server {
    serve_with(1, Duration::from_secs(10), configure)
}

/// The server that every test here runs; compressing, since that must make no difference.
pub fn serve_with(
    workers: usize,
    within: Duration,
    configure: impl Fn(&mut ServiceConfig) + Send + Clone + 'static,
) -> Server {
    serve_limited(workers, within, Limits::new(), configure)
}

/// The same with limits.
pub fn serve_limited(
    workers: usize,
    within: Duration,
    limits: Limits,
    configure: impl Fn(&mut ServiceConfig) + Send + Clone + 'static,
) -> Server {
    serve_as(workers, within, |realtime| realtime.limits(limits), configure)
}

/// The same with settings of the test's own.
pub fn serve_as(
    workers: usize,
    within: Duration,
    settings: impl FnOnce(Realtime) -> Realtime + Send + 'static,
    configure: impl Fn(&mut ServiceConfig) + Send + Clone + 'static,
) -> Server {
    // As many as actix allows by itself.
    serve_few(workers, 25_000, within, settings, configure)
}

/// The same with no more connections than these at a time in the hands of each worker's actix.
pub fn serve_few(
    workers: usize,
    connections: usize,
    within: Duration,
    settings: impl FnOnce(Realtime) -> Realtime + Send + 'static,
    configure: impl Fn(&mut ServiceConfig) + Send + Clone + 'static,
) -> Server {
    serve_over(Over::Tcp, workers, connections, within, settings, configure)
}

/// The routes of a module over a set, served over TCP to the client for tests.
pub fn over_tcp<T: Send + Sync + 'static>(set: &ClientSet<T>, module: &'static str) -> OverTcp {
    let set = Data::new(set.clone());
    let app = move || {
        let routes = ereo_runtime::routes().expect("no two routes clash").only(module);
        App::new().app_data(set.clone()).service(routes)
    };
    let drain = Drain::within(Duration::from_secs(10));
    test::serve(app).realtime(Realtime::new(drain).direct_writes(lean()))
}

/// What a server listens on.
pub enum Over {
    /// HTTP/1 and HTTP/2 in clear text.
    Tcp,
    /// With the certificate of [`tls`](super::tls).
    Tls,
    #[cfg(unix)]
    Unix(PathBuf),
}

/// The same over something else than TCP alone.
pub fn serve_over(
    over: Over,
    workers: usize,
    connections: usize,
    within: Duration,
    settings: impl FnOnce(Realtime) -> Realtime + Send + 'static,
    configure: impl Fn(&mut ServiceConfig) + Send + Clone + 'static,
) -> Server {
    let settings: Settings = Box::new(settings);
    let configure: Configure = Arc::new(Mutex::new(configure));
    run(over, workers, connections, within, settings, configure)
}

type Settings = Box<dyn FnOnce(Realtime) -> Realtime + Send>;
type Configure = Arc<Mutex<dyn Fn(&mut ServiceConfig) + Send>>;

/// Not generic: the whole of actix would be compiled once for every test.
fn run(
    over: Over,
    workers: usize,
    connections: usize,
    within: Duration,
    settings: Settings,
    configure: Configure,
) -> Server {
    let (stop, stopped) = oneshot::channel::<()>();
    let (bound, address) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new()
            .block_on(async move {
                let drain = Drain::within(within).spread(Duration::from_secs(3));
                let drain = drain.on(async {
                    let _ = stopped.await;
                });
                let server = HttpServer::new(move || {
                    let configured = |app: &mut ServiceConfig| configure.lock().unwrap()(app);
                    App::new().wrap(middleware::Compress::default()).configure(configured)
                })
                .workers(workers)
                .max_connections(connections)
                .realtime(settings(Realtime::new(drain).direct_writes(lean())));
                let server = match over {
                    Over::Tcp => server.bind_auto_h2c(("127.0.0.1", 0)),
                    Over::Tls => server.bind_rustls_0_23(("127.0.0.1", 0), tls::server()),
                    #[cfg(unix)]
                    Over::Unix(path) => server.bind_uds(path),
                }?;
                bound.send(server.addrs()[0]).expect("the test waits for the address");
                server.run().await
            })
            .expect("the server ran");
    });
    let address = address.recv().expect("the server is bound");
    Server { address, stop: Some(stop), thread: Some(thread) }
}

/// Whether streams may leave actix's dispatcher; `LEAN=off` in the environment runs the very same
/// tests through it.
pub fn lean() -> bool {
    std::env::var_os("LEAN").is_none_or(|lean| lean != "off")
}
