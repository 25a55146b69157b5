//! What an annotated function or `impl` becomes: a request is checked, its arguments are extracted,
//! and only then is it upgraded.

use std::future::Future;

use actix_web::dev::Payload;
use actix_web::{Error, HttpRequest, HttpResponse};

use super::close::CloseReason;
use super::error::{Outcome, SocketError};
use super::extract::offering;
use super::hooks::Hooks;
use super::link::Linked as _;
use super::message::FromFrame;
use super::options::Options;
use super::upgrade::{Upgrade, accept};
use crate::expiry::{Expiry, Renewal};
use crate::route::{Handled, Refusal};

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

/// Takes what a `reauthorize` hook returned.
pub fn renewed<R: Renewal>(renewed: R) -> Option<Expiry> {
    renewed.into_expiry()
}

/// What an `open` hook may return: its state `H`, or a `Result` of it.
#[diagnostic::on_unimplemented(
    message = "`open` cannot return `{Self}`",
    label = "expected `Self`, or a `Result<Self, E>`",
    note = "`open` gives the state of the connection, a `{H}`, or refuses with an error that converts into `actix_web::Error`"
)]
pub trait Opened<H> {
    /// The state.
    ///
    /// # Errors
    /// The HTTP answer instead of the upgrade.
    fn into_state(self) -> Result<H, Error>;
}

impl<H> Opened<H> for H {
    fn into_state(self) -> Result<H, Error> {
        Ok(self)
    }
}

impl<H, E: Refusal> Opened<H> for Result<H, E> {
    fn into_state(self) -> Result<H, Error> {
        self.map_err(Into::into)
    }
}

/// A `#[websocket]` function, known to return what one can.
#[derive(Debug)]
pub struct SocketFunction<F> {
    call: F,
    serve: fn(F, HttpRequest, Payload, Options) -> Handled,
}

/// Takes the generated `__call`. Apart from [`SocketFunction::serve`], so that all tokens of the call
/// that has the bounds can stand on the user's return type.
pub fn socket<F, C, H, R>(call: F) -> SocketFunction<F>
where
    F: FnOnce(HttpRequest, Payload) -> C + 'static,
    C: Future<Output = Result<H, Error>> + 'static,
    H: Future<Output = R> + 'static,
    R: Returned + 'static,
{
    SocketFunction {
        call,
        serve: |call, req, payload, options| {
            Box::pin(async move {
                let (upgrade, handler) = extract(call, req, options).await?;
                // The handler has its socket already.
                Ok(upgrade.serve::<(), (), _, _>(payload, |_| handler))
            })
        },
    }
}

impl<F> SocketFunction<F> {
    /// Answers a request.
    pub fn serve(self, req: HttpRequest, payload: Payload, options: Options) -> Handled {
        (self.serve)(self.call, req, payload, options)
    }
}

/// An `open` hook, known to return the state `H`.
#[derive(Debug)]
pub struct Opening<H, F> {
    call: F,
    serve: fn(F, Receiving<H>, HttpRequest, Payload, Options) -> Handled,
}

/// Takes the generated `__call`; see [`socket`].
pub fn opening<H, F, C, O>(call: F) -> Opening<H, F>
where
    F: FnOnce(HttpRequest, Payload) -> C + 'static,
    C: Future<Output = Result<O, Error>> + 'static,
    O: Opened<H> + 'static,
    H: 'static,
{
    Opening {
        call,
        serve: |call, hooks, req, payload, options| {
            Box::pin(async move {
                let (upgrade, opened) = extract(call, req, options).await?;
                let state = opened.into_state()?;
                Ok((hooks.serve)(upgrade, payload, state))
            })
        },
    }
}

impl<H, F> Opening<H, F> {
    /// Answers a request, and goes on with the other hooks.
    pub fn serve(
        self,
        hooks: Receiving<H>,
        req: HttpRequest,
        payload: Payload,
        options: Options,
    ) -> Handled {
        (self.serve)(self.call, hooks, req, payload, options)
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
    In: FromFrame<Kind> + 'static,
    Kind: 'static,
    H: Hooks<In>,
{
    Receiving { serve: Upgrade::serve_hooks::<In, Kind, H> }
}

/// What a `close` hook takes.
#[diagnostic::on_unimplemented(
    message = "`close` gets a `CloseReason`, not a `{Self}`",
    label = "expected `CloseReason`"
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

/// The handshake first, so that a request that asks for no upgrade reaches no extractor; the 101 when
/// all else is well, so that until then a refusal is an HTTP answer.
async fn extract<F, C, T>(
    call: F,
    req: HttpRequest,
    options: Options,
) -> Result<(Upgrade, T), Error>
where
    F: FnOnce(HttpRequest, Payload) -> C,
    C: Future<Output = Result<T, Error>>,
{
    let upgrade = accept(&req, options)?;
    // The payload is the socket's: what comes in it are frames, and no body.
    let call = call(req.clone(), Payload::None);
    let extracted = offering(&req, upgrade.link(), call).await?;
    Ok((upgrade, extracted))
}
