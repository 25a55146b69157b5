//! An application served within the test, over memory.

use std::fmt::{self, Debug};
use std::future::{Future, IntoFuture, poll_fn};
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Context;
use std::time::Duration;

use actix_http::{HttpService, Request as HttpRequest};
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt as _, map_config,
};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServiceResponse};
use futures_util::future::LocalBoxFuture;
use tokio::io::DuplexStream;

use super::app::{Reach, TestApp};
use super::http::{Served, Wire};
use crate::server::{Drain, InProcess as Server, Realtime};

/// A connection, and the address of its client.
type Connection = (DuplexStream, Option<SocketAddr>);

/// So many bytes may be under way in each direction, as in the buffers of a socket.
const BUFFER: usize = 64 << 10;

/// An application to be served within the test: `.await` it.
///
/// It is served as by `HttpServer::realtime`, but over memory, from the address 127.0.0.1 and on the test's
/// own thread. Its connections stay with actix's dispatcher.
#[must_use = "nothing is served before it is awaited"]
pub struct InProcess {
    start: Box<dyn FnOnce(Realtime) -> LocalBoxFuture<'static, TestApp>>,
    realtime: Realtime,
}

impl InProcess {
    /// With limits, origins and a drain of one's own; else with none, the same host's, and ten seconds.
    pub fn realtime(mut self, realtime: impl Into<Realtime>) -> Self {
        self.realtime = realtime.into();
        self
    }
}

impl IntoFuture for InProcess {
    type Output = TestApp;
    type IntoFuture = Pin<Box<dyn Future<Output = TestApp>>>;

    fn into_future(self) -> Self::IntoFuture {
        (self.start)(self.realtime)
    }
}

impl Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").field("realtime", &self.realtime).finish_non_exhaustive()
    }
}

/// Serves an application within the test; see the [module](mod@crate::test).
///
/// # Panics
/// When it is awaited, where the application cannot be started: the log says why.
pub fn app<I, S, B>(app: I) -> InProcess
where
    I: IntoServiceFactory<S, HttpRequest> + 'static,
    S: ServiceFactory<HttpRequest, Config = AppConfig, Response = ServiceResponse<B>> + 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: Debug,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let start = |realtime| -> LocalBoxFuture<'static, TestApp> { Box::pin(start(app, realtime)) };
    let realtime = Realtime::new(Drain::within(Duration::from_secs(10)));
    InProcess { start: Box::new(start), realtime }
}

async fn start<I, S, B>(app: I, realtime: Realtime) -> TestApp
where
    I: IntoServiceFactory<S, HttpRequest>,
    S: ServiceFactory<HttpRequest, Config = AppConfig, Response = ServiceResponse<B>> + 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: Debug,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let (server, handle, drain) = Server::new(realtime);
    let app = app.into_factory().map_err(|error: S::Error| error.into().error_response());
    let app = map_config(app, |()| AppConfig::default());
    let service = HttpService::build()
        .h1_allow_half_closed(false)
        .client_disconnect_timeout(Duration::ZERO)
        .on_connect_ext(move |io: &DuplexStream, data| server.connected(io, data))
        .h1(app);
    let service = service.new_service(()).await.expect("the application starts");
    let service = Rc::new(service);
    let connect = move || {
        let (client, server) = tokio::io::duplex(BUFFER);
        let service = Rc::clone(&service);
        let served = actix_web::rt::spawn(async move {
            let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1024));
            let ready = |cx: &mut Context<'_>| Service::<Connection>::poll_ready(&service, cx);
            if poll_fn(ready).await.is_ok() {
                // How it ends is told to the client, by what it reads.
                let _ = service.call((server, Some(peer))).await;
            }
        });
        Wire { io: Box::new(client), served: Served::Here(served) }
    };
    let drained = actix_web::rt::spawn(drain);
    TestApp::new(Reach::memory(connect, drained), handle)
}
