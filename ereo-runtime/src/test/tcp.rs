//! An application served over TCP, by threads of its own.

use std::fmt::{self, Debug};
use std::future::{Future, IntoFuture};
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::time::Duration;

use actix_http::{Request as HttpRequest, Response};
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServerHandle};
use actix_web::{Error, HttpServer};
use futures_util::FutureExt as _;
use futures_util::future::Shared;
use tokio::sync::oneshot;

use super::app::{Reach, TestApp};
use super::run::resume;
use crate::server::{Drain, DrainHandle, HttpServerExt as _, Realtime};

/// A server to be started on a free port of 127.0.0.1: `.await` it.
#[must_use = "nothing is served before it is awaited"]
pub struct OverTcp {
    start: Box<dyn FnOnce(usize, Realtime) -> std::io::Result<Started>>,
    workers: usize,
    realtime: Realtime,
}

impl OverTcp {
    /// With so many threads that serve; one by default.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// With limits, origins and a drain of one's own; else with none, the same host's, and ten seconds.
    pub fn realtime(mut self, realtime: impl Into<Realtime>) -> Self {
        self.realtime = realtime.into();
        self
    }
}

impl IntoFuture for OverTcp {
    type Output = TestApp;
    type IntoFuture = Pin<Box<dyn Future<Output = TestApp>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            resume();
            let Started { address, drain, stopped, handle } =
                (self.start)(self.workers, self.realtime).expect("the server starts");
            TestApp::new(Reach::tcp(address, handle, stopped), drain)
        })
    }
}

impl Debug for OverTcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("OverTcp");
        out.field("workers", &self.workers).field("realtime", &self.realtime);
        out.finish_non_exhaustive()
    }
}

/// A server that is up.
pub(super) struct Started {
    address: SocketAddr,
    drain: DrainHandle,
    stopped: Stopped,
    handle: ServerHandle,
}

/// Ready once the server has ended.
pub(super) type Stopped = Shared<Pin<Box<dyn Future<Output = ()>>>>;

/// Serves an application over TCP, with the same calls; see the [module](mod@crate::test).
///
/// Time is real from then on. The server ends with the last [`TestApp`] of it.
///
/// # Panics
/// When it is awaited, where the server cannot be started.
pub fn serve<F, I, S, B>(app: F) -> OverTcp
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, HttpRequest>,
    S: ServiceFactory<HttpRequest, Config = AppConfig> + 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<HttpRequest>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let start = move |workers: usize, realtime: Realtime| {
        let (started, starts) = std::sync::mpsc::channel();
        let (ended, stopped) = oneshot::channel::<()>();
        let (realtime, drain) = realtime.for_tests();
        std::thread::spawn(move || {
            let served = actix_web::rt::System::new().block_on(async {
                let server = HttpServer::new(app).workers(workers).realtime(realtime);
                let server = server.bind((Ipv4Addr::LOCALHOST, 0))?;
                let address = server.addrs()[0];
                let running = server.run();
                let _ = started.send(Ok((address, running.handle())));
                running.await
            });
            if let Err(error) = served {
                let _ = started.send(Err(error));
            }
            drop(ended);
        });
        let (address, handle) = starts.recv().map_err(std::io::Error::other)??;
        let stopped: Pin<Box<dyn Future<Output = ()>>> = Box::pin(stopped.map(drop));
        Ok(Started { address, drain, stopped: stopped.shared(), handle })
    };
    let realtime = Realtime::new(Drain::within(Duration::from_secs(10)));
    OverTcp { start: Box::new(start), workers: 1, realtime }
}
