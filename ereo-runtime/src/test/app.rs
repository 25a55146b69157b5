//! The application under test, as a client sees it.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use actix_http::ServiceConfig;
use actix_web::dev::ServerHandle;
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use futures_util::FutureExt as _;
use futures_util::future::Shared as SharedFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::answer::{Answer, Loaded};
use super::cookies::Jar;
use super::handshake::Handshake;
use super::http::{Served, Wire};
use super::opening::Opening;
use super::request::Request;
use super::tcp::Stopped;
use super::wait::{PATIENCE, fail};
use crate::server::DrainHandle;

/// An application under test, and a client of it with its cookies.
///
/// Made by [`app`](super::app) or [`serve`](super::serve). A clone is the same client.
#[derive(Clone)]
pub struct TestApp {
    server: Rc<Server>,
    jar: Rc<RefCell<Jar>>,
    headers: HeaderMap,
    patience: Duration,
}

struct Server {
    reach: Reach,
    drain: DrainHandle,
    config: ServiceConfig,
}

/// Where the server is.
pub(super) enum Reach {
    Memory { connect: Box<dyn Fn() -> Wire>, drained: Drained },
    Tcp { address: SocketAddr, handle: ServerHandle, stopped: Stopped },
}

/// Ready once the drain is over.
type Drained = SharedFuture<Pin<Box<dyn Future<Output = ()>>>>;

impl Reach {
    pub(super) fn memory(connect: impl Fn() -> Wire + 'static, drained: JoinHandle<()>) -> Self {
        let drained: Pin<Box<dyn Future<Output = ()>>> = Box::pin(drained.map(drop));
        Self::Memory { connect: Box::new(connect), drained: drained.shared() }
    }

    pub(super) fn tcp(address: SocketAddr, handle: ServerHandle, stopped: Stopped) -> Self {
        Self::Tcp { address, handle, stopped }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Reach::Tcp { handle, .. } = &self.reach {
            // The command is given by the call; nobody waits for it.
            drop(handle.stop(false));
        }
    }
}

impl TestApp {
    pub(super) fn new(reach: Reach, drain: DrainHandle) -> Self {
        let server = Rc::new(Server { reach, drain, config: ServiceConfig::default() });
        Self { server, jar: Rc::default(), headers: HeaderMap::new(), patience: PATIENCE }
    }

    /// Another client of the same server: with no cookies yet, and the same headers.
    #[must_use]
    pub fn visitor(&self) -> Self {
        Self { jar: Rc::default(), ..self.clone() }
    }

    /// This client, which sends one more header with everything, such as `authorization`.
    ///
    /// # Panics
    /// When it is none that can be sent.
    #[must_use]
    #[track_caller]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = header(name, value);
        self.headers.insert(name, value);
        self
    }

    /// This client, with other patience than five seconds: how long it waits for anything before the test
    /// fails.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Opens the event stream at this path, with its query: `.await` it.
    #[track_caller]
    pub fn events(&self, path: impl AsRef<str>) -> Opening {
        self.get(path).events()
    }

    /// Opens the socket at this path, with its query: `.await` it.
    #[track_caller]
    pub fn socket(&self, path: impl AsRef<str>) -> Handshake {
        Handshake::new(self.get(path))
    }

    /// What the loader at this path gives.
    ///
    /// # Errors
    /// The answer, when it is no success.
    ///
    /// # Panics
    /// When a success is no JSON of `T`.
    #[track_caller]
    pub fn load<T: DeserializeOwned>(
        &self,
        path: impl AsRef<str>,
    ) -> impl Future<Output = Result<Loaded<T>, Answer>> {
        let (at, request) = (Location::caller(), self.get(path));
        async move {
            let answer = request.await;
            if !answer.code().is_success() {
                return Err(answer);
            }
            let data = serde_json::from_slice(answer.body()).unwrap_or_else(|error| {
                let expected = std::any::type_name::<T>();
                fail(at, format_args!("expected JSON of `{expected}` ({error}), not {answer:?}"))
            });
            Ok(Loaded { data, position: answer.last_event_id() })
        }
    }

    /// A GET: `.await` it.
    #[track_caller]
    pub fn get(&self, path: impl AsRef<str>) -> Request {
        self.request("GET", path)
    }

    /// A POST, with nothing in it yet: `.await` it.
    #[track_caller]
    pub fn post(&self, path: impl AsRef<str>) -> Request {
        self.request("POST", path)
    }

    /// A request of any method: `.await` it.
    ///
    /// # Panics
    /// When method or path are none.
    #[track_caller]
    pub fn request(&self, method: &str, path: impl AsRef<str>) -> Request {
        let method = Method::from_bytes(method.as_bytes()).expect("the method is one");
        Request::new(self.clone(), method, path.as_ref(), &self.headers)
    }

    /// Posts a form, as a page for logging in does, and keeps the cookies: all that this client sends behind
    /// it has them. Where another way is taken, such as JSON, [`TestApp::post`] keeps them as well.
    ///
    /// # Panics
    /// When the answer is a failure or sets no cookie, with the answer.
    #[track_caller]
    pub fn login<F: Serialize>(
        &self,
        path: impl AsRef<str>,
        form: &F,
    ) -> impl Future<Output = Answer> {
        let (at, before) = (Location::caller(), self.jar.borrow().header());
        let (request, jar) = (self.post(path).form(form), Rc::clone(&self.jar));
        async move {
            let answer = request.await;
            let code = answer.code();
            if code.is_client_error() || code.is_server_error() || jar.borrow().header() == before {
                fail(at, format_args!("expected a login that sets a cookie, not {answer:?}"));
            }
            answer
        }
    }

    /// Tells the server to stop, as SIGTERM would, and waits until it has: all streams and sockets have
    /// ended, or the drain's time is over.
    pub async fn drain(&self) {
        self.server.drain.begin();
        match &self.server.reach {
            Reach::Memory { drained, .. } => drained.clone().await,
            Reach::Tcp { stopped, .. } => stopped.clone().await,
        }
    }

    /// The drain's handle: whether it has begun, and how many streams and sockets are open.
    pub fn drain_handle(&self) -> DrainHandle {
        self.server.drain.clone()
    }

    /// The server's address, where it has one.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.server.reach {
            Reach::Memory { .. } => None,
            Reach::Tcp { address, .. } => Some(*address),
        }
    }

    pub(super) async fn connect(&self) -> io::Result<Wire> {
        match &self.server.reach {
            Reach::Memory { connect, .. } => Ok(connect()),
            Reach::Tcp { address, .. } => {
                let io = TcpStream::connect(address).await?;
                io.set_nodelay(true)?;
                let served = Served::Elsewhere(self.drain_handle());
                Ok(Wire { io: Box::new(io), served })
            }
        }
    }

    pub(super) fn config(&self) -> ServiceConfig {
        self.server.config.clone()
    }

    pub(super) fn jar(&self) -> &RefCell<Jar> {
        &self.jar
    }

    pub(super) fn patience(&self) -> Duration {
        self.patience
    }
}

/// A header of a test's own.
#[track_caller]
pub(super) fn header(name: &str, value: &str) -> (HeaderName, HeaderValue) {
    let name = HeaderName::try_from(name).expect("the header's name is one");
    (name, HeaderValue::try_from(value).expect("the header's value is one"))
}

impl fmt::Debug for TestApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestApp").field("address", &self.address()).finish_non_exhaustive()
    }
}
