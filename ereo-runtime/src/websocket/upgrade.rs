//! From request to running connection.

use std::future::Future;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use futures_util::FutureExt as _;

use super::body::Frames;
use super::driver::{Driver, Handler};
use super::error::Outcome;
use super::handshake::{self, Accepted};
use super::hooks::{self, Hooks};
use super::link::{Link, Linked};
use super::mailbox::{self, Outbox};
use super::message::FromPayload;
use super::options::Options;
use super::refusal::HandshakeError;
use super::socket::{Connection, Socket};
use super::task::{Desk, Task};
use crate::heartbeat;
use crate::server::{ConnectionKind, Lifeline, NotAdmitted, SocketRates, admit};
use crate::takeover::Handoff;
use crate::wire::Outbound;
use crate::worker::Executor;

/// Runs the connections.
pub(super) type SocketHub = Executor<Task, mailbox::Shared>;

/// A request that may become a WebSocket: checked, not yet answered.
///
/// Between [`accept`] and [`Upgrade::serve`] an `open` hook can join sets and send over
/// [`Upgrade::connection`]: what is queued goes out behind the 101. Dropped instead, the connection
/// counts as ended.
pub struct Upgrade {
    link: Link,
    executor: SocketHub,
    head: HttpResponse,
    request: HttpRequest,
    options: Options,
    rates: SocketRates,
    started: bool,
}

/// Checks the handshake.
///
/// # Errors
/// [`HandshakeError`], which is its own HTTP answer.
pub fn accept(request: &HttpRequest, options: Options) -> Result<Upgrade, HandshakeError> {
    let accepted = handshake::accept(request, &options)?;
    Ok(Upgrade::of(accepted, request, options)?)
}

/// What a page was refused and asks about with `fetch`, for the route's extractors and `open` to say why. Served, it is
/// answered as any request that asks for no upgrade.
pub(super) fn asked_about(request: &HttpRequest, options: &Options) -> Option<Upgrade> {
    if !handshake::asks_why(request, options) {
        return None;
    }
    let head = handshake::accept(request, options).err()?.error_response();
    let nothing = Accepted { head, compression: None, subprotocol: None };
    Upgrade::of(nothing, request, options.clone()).ok()
}

impl std::fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upgrade").field("id", &self.link.id()).finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl Linked for Upgrade {
    fn link(&self) -> &Link {
        &self.link
    }
}

impl Upgrade {
    fn of(
        accepted: Accepted,
        request: &HttpRequest,
        options: Options,
    ) -> Result<Self, NotAdmitted> {
        let Accepted { head, compression, subprotocol } = accepted;
        let open = admit(request, ConnectionKind::WebSocket)?;
        let outbound = Outbound::new(compression, options.compression_threshold);
        let rates = open.socket_rates();
        let executor = SocketHub::of(request);
        let outbox = Outbox::new(options.mailbox, executor.wake_token());
        let link = Link::new(outbox, outbound, open, subprotocol);
        #[cfg(feature = "inspector")]
        link.is_listed();
        link.tell(|observed| {
            observed.span().record("client", link.id().get());
        });
        Ok(Self { link, executor, head, request: request.clone(), options, rates, started: false })
    }

    /// The connection that this becomes.
    pub fn connection<Out>(&self) -> Connection<Out> {
        Connection::new(self.link.clone())
    }

    /// Answers 101 and runs `handler`. Its `Ok` closes with 1000, its error with the code that
    /// belongs to it, a panic with 1011.
    pub fn serve<In, Out, F, R>(
        self,
        payload: Payload,
        handler: impl FnOnce(Socket<In, Out>) -> F,
    ) -> HttpResponse
    where
        F: Future<Output = R> + 'static,
        R: Outcome + 'static,
    {
        let handler = handler(Socket::new(self.link.clone()));
        self.start(payload, Box::pin(handler.map(Outcome::into_result)))
    }

    /// Answers 101 and runs `hooks`.
    pub fn serve_hooks<In, Kind, H>(mut self, payload: Payload, hooks: H) -> HttpResponse
    where
        In: FromPayload<Kind> + 'static,
        Kind: 'static,
        H: Hooks<In>,
    {
        let grace = self.options.grace;
        // A `message` that hangs may use up its grace, and `close` must have one after that.
        self.options.grace = grace.saturating_mul(2);
        let socket = Socket::<In, ()>::new(self.link.clone());
        self.start(payload, Box::pin(hooks::run(hooks, socket, grace.into())))
    }

    fn start(mut self, payload: Payload, handler: Handler) -> HttpResponse {
        if self.head.status() != StatusCode::SWITCHING_PROTOCOLS {
            return std::mem::replace(&mut self.head, HttpResponse::new(StatusCode::BAD_REQUEST));
        }
        self.started = true;
        self.link.incoming().begin(payload);
        let (link, shows) = (self.link.clone(), heartbeat::asked(&self.request));
        let driver = Driver::new(link, &self.options, self.rates, shows, handler);
        let desk = Desk::default();
        let waker = self.link.outbox().waker();
        self.executor.add(Task::new(driver, desk.clone()), waker);
        let taken = HttpResponse::new(StatusCode::SWITCHING_PROTOCOLS);
        let head = std::mem::replace(&mut self.head, taken);
        let frames = Frames::new(self.link.clone());
        head.map_body(|_, _| {
            Handoff::to(self.request.version(), || Lifeline::tap(&self.request), frames, desk)
        })
        .map_into_boxed_body()
    }
}

impl Drop for Upgrade {
    fn drop(&mut self) {
        if !self.started {
            self.link.body_dropped();
            self.link.end();
            self.link.driver_dropped();
        }
    }
}
