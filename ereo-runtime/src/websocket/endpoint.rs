//! What an annotated function or `impl` becomes: a request is checked, its arguments are extracted,
//! and only then is it upgraded.

use std::convert::Infallible;
use std::future::Future;

use actix_web::dev::Payload;
use actix_web::{Error, HttpRequest, HttpResponse};
use tracing::Instrument as _;

use super::close::CloseReason;
use super::error::{Outcome, SocketError};
use super::extract::{Takes, offering, sent_by};
use super::hooks::Hooks;
use super::link::Linked as _;
use super::message::FromPayload;
use super::options::Options;
use super::upgrade::{Upgrade, accept, asked_about};
use crate::charge::paying_for;
use crate::expiry::{Expiry, Renewal};
use crate::route::{Call, Callable, Endpoint, Handled, Incoming, Kind, Refusal};

/// What a `#[websocket]` function and a `message` hook may return.
#[diagnostic::on_unimplemented(
    message = "a WebSocket's handler cannot return `{Self}`",
    label = "expected nothing, or a `Result<(), E>`",
    note = "return nothing, `Result<(), SocketError>`, or a `Result<(), E>` whose error converts: `impl From<E> for SocketError`, or `.map_err(SocketError::other)?`"
)]
pub trait Returned: Outcome {}

#[diagnostic::do_not_recommend]
impl<T: Outcome> Returned for T {}

/// Takes what a `message` hook returned.
///
/// # Errors
/// The hook's own.
pub fn returned<R: Returned>(returned: R) -> Result<(), SocketError> {
    returned.into_result()
}

/// Takes what a `refresh` hook returned.
pub fn renewed<R: Renewal>(renewed: R) -> Option<Expiry> {
    renewed.into_expiry()
}

/// What an `open` hook may return: its state `H`, or a `Result` of it.
#[diagnostic::on_unimplemented(
    message = "`open` cannot return `{Self}`",
    label = "expected `Self`, or a `Result<Self, E>`",
    note = "`open` gives the state of the connection, `{H}` itself, or refuses with an error that converts into `actix_web::Error`"
)]
pub trait Opened<H> {
    /// What refuses the upgrade. That it is an HTTP answer is no bound here: a type whose error alone does not
    /// fit is told so.
    type Error;

    /// The state.
    ///
    /// # Errors
    /// The refusal instead of the upgrade.
    fn into_state(self) -> Result<H, Self::Error>;
}

impl<H> Opened<H> for H {
    type Error = Infallible;

    fn into_state(self) -> Result<H, Infallible> {
        Ok(self)
    }
}

impl<H, E> Opened<H> for Result<H, E> {
    type Error = E;

    fn into_state(self) -> Result<H, E> {
        self
    }
}

/// A `#[websocket]` function, known to return what one can.
pub struct SocketEndpoint<H> {
    call: Callable<H>,
    takes: &'static [Takes],
    options: fn() -> Options,
    serve: fn(Upgrade, Payload, H) -> HttpResponse,
}

/// Takes the generated `__call`. Only this call has bounds, so that all its tokens can stand on the
/// user's return type.
pub const fn socket<H, R>(
    call: Callable<H>,
    takes: &'static [Takes],
    options: fn() -> Options,
) -> SocketEndpoint<H>
where
    H: Future<Output = R> + 'static,
    R: Returned + 'static,
{
    SocketEndpoint {
        call,
        takes,
        options,
        // The handler has its socket already.
        serve: |upgrade, payload, handler| upgrade.serve::<(), (), _, _>(payload, |_| handler),
    }
}

impl<H: 'static> Endpoint for SocketEndpoint<H> {
    fn kind(&self) -> Kind {
        Kind::WebSocket
    }

    fn message(&self) -> &'static str {
        sent_by(self.takes)
    }

    fn serve(&self, req: HttpRequest, payload: Payload) -> Handled {
        let (call, options, serve) = (self.call, self.options, self.serve);
        Call::new(async move {
            let (upgrade, handler) = extract(call, &req, options()).await?;
            Ok(serve(upgrade, payload, handler))
        })
    }
}

/// An `open` hook, known to return the state `H`; `E` refuses.
#[derive(Debug)]
pub struct Opening<H, O, E> {
    call: Callable<O>,
    state: fn(O) -> Result<H, E>,
    refuse: fn(E) -> Error,
}

/// Takes the generated `__call`; see [`socket`].
pub const fn opening<H, O: Opened<H>>(call: Callable<O>) -> Opening<H, O, O::Error>
where
    O::Error: Refusal,
{
    Opening { call, state: O::into_state, refuse: O::Error::into }
}

/// Holds an `open` hook until it is said how its error answers.
#[derive(Debug)]
pub struct Refusing<H, O, E> {
    call: Callable<O>,
    state: fn(O) -> Result<H, E>,
}

/// The same for an `open` whose `Result` is spelled as one: the caller knows how its error answers. It says so
/// behind this, so that a type which does not fit is one error.
pub const fn opening_refusing<H, O: Opened<H>>(call: Callable<O>) -> Refusing<H, O, O::Error> {
    Refusing { call, state: O::into_state }
}

impl<H, O, E> Refusing<H, O, E> {
    /// Says how the error answers.
    pub const fn by(self, refuse: fn(E) -> Error) -> Opening<H, O, E> {
        Opening { call: self.call, state: self.state, refuse }
    }
}

impl<H: 'static, O: 'static, E: 'static> Opening<H, O, E> {
    /// Answers a request, and goes on with the other hooks.
    pub fn serve(
        self,
        hooks: Receiving<H>,
        req: HttpRequest,
        payload: Payload,
        options: Options,
    ) -> Handled {
        Call::new(async move {
            let (upgrade, opened) = extract(self.call, &req, options).await?;
            let state = (self.state)(opened).map_err(self.refuse)?;
            Ok((hooks.serve)(upgrade, payload, state))
        })
    }
}

/// A `#[websocket]` above an `impl`.
#[derive(Debug)]
pub struct HooksEndpoint {
    serve: fn(HttpRequest, Payload) -> Handled,
    takes: &'static [Takes],
}

/// Takes the generated `__serve`.
pub const fn hooks(
    serve: fn(HttpRequest, Payload) -> Handled,
    takes: &'static [Takes],
) -> HooksEndpoint {
    HooksEndpoint { serve, takes }
}

impl Endpoint for HooksEndpoint {
    fn kind(&self) -> Kind {
        Kind::WebSocket
    }

    fn message(&self) -> &'static str {
        sent_by(self.takes)
    }

    fn serve(&self, req: HttpRequest, payload: Payload) -> Handled {
        (self.serve)(req, payload)
    }
}

/// Hooks whose `message` takes what a socket can receive.
#[derive(Debug)]
pub struct Receiving<H> {
    serve: fn(Upgrade, Payload, H) -> HttpResponse,
}

/// Hooks over messages of `In`.
pub fn receiving<In, H, Kind>() -> Receiving<H>
where
    In: FromPayload<Kind> + 'static,
    Kind: 'static,
    H: Hooks<In>,
{
    Receiving { serve: Upgrade::serve_hooks::<In, Kind, H> }
}

/// What a `close` hook takes.
#[diagnostic::on_unimplemented(
    message = "`close` gets a `CloseReason`, not a `{Self}`",
    label = "expected `CloseReason`",
    note = "write `async fn close(self, reason: CloseReason)`"
)]
pub trait Reason {
    /// The reason itself.
    fn of(reason: CloseReason) -> Self;
}

impl Reason for CloseReason {
    fn of(reason: CloseReason) -> Self {
        reason
    }
}

/// Gives a `close` hook its argument.
pub fn reason<T: Reason>(reason: CloseReason) -> T {
    T::of(reason)
}

/// The handshake first, so that a request that asks for no upgrade reaches no extractor, unless a page asks why it was
/// refused; the 101 when
/// all else is well, so that until then a refusal is an HTTP answer.
async fn extract<T>(
    call: Callable<T>,
    req: &HttpRequest,
    options: Options,
) -> Result<(Upgrade, T), Error> {
    let upgrade = match asked_about(req, &options) {
        Some(upgrade) => upgrade,
        None => accept(req, options)?,
    };
    // The payload is the socket's: what comes in it are frames, and no body.
    let (span, payer) = (upgrade.link().span(), upgrade.link().payer());
    let call = || {
        let called = span.in_scope(|| call(Incoming::bodyless(req)));
        paying_for(payer, called).instrument(span.clone())
    };
    let extracted = offering(req, upgrade.link(), call).await?;
    Ok((upgrade, extracted))
}
