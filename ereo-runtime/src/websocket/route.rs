//! What an annotated function or `impl` becomes: a request is checked, its arguments are extracted,
//! and only then is it upgraded.

use std::future::Future;

use actix_web::dev::Payload;
use actix_web::{Error, HttpRequest, HttpResponse};

use super::error::{Outcome, SocketError};
use super::extract::offering;
use super::hooks::Hooks;
use super::link::Linked as _;
use super::message::FromFrame;
use super::options::Options;
use super::upgrade::{Upgrade, accept};
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

/// Answers a `#[websocket]` function, by its generated `__call`.
pub fn serve_socket<F, C, H, R>(
    call: F,
    req: HttpRequest,
    payload: Payload,
    options: Options,
) -> Handled
where
    F: FnOnce(HttpRequest, Payload) -> C + 'static,
    C: Future<Output = Result<H, Error>> + 'static,
    H: Future<Output = R> + 'static,
    R: Returned + 'static,
{
    Box::pin(async move {
        let (upgrade, handler) = extract(call, req, options).await?;
        // The handler has its socket already.
        Ok(upgrade.serve::<(), (), _, _>(payload, |_| handler))
    })
}

/// Answers a `#[websocket]` `impl`, by its generated `__call`.
pub fn serve_hooks<F, C, O, H>(
    call: F,
    hooks: Receiving<H>,
    req: HttpRequest,
    payload: Payload,
    options: Options,
) -> Handled
where
    F: FnOnce(HttpRequest, Payload) -> C + 'static,
    C: Future<Output = Result<O, Error>> + 'static,
    O: Opened<H> + 'static,
    H: 'static,
{
    Box::pin(async move {
        let (upgrade, opened) = extract(call, req, options).await?;
        let state = opened.into_state()?;
        Ok((hooks.serve)(upgrade, payload, state))
    })
}

/// Hooks whose `message` takes what a socket can receive.
#[derive(Debug)]
pub struct Receiving<H> {
    serve: fn(Upgrade, Payload, H) -> HttpResponse,
}

/// Hooks over messages of `In`. Apart from [`serve_hooks`], so that rustc tells an unfit `In` at the
/// argument of `message`, and an unfit `open` there.
pub fn receiving<In, H, Kind>() -> Receiving<H>
where
    In: FromFrame<Kind> + 'static,
    Kind: 'static,
    H: Hooks<In>,
{
    Receiving { serve: Upgrade::serve_hooks::<In, Kind, H> }
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
