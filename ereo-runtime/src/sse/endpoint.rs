//! An `#[sse]` route as its expansion registers it.

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{Error, HttpRequest, HttpResponse};
use tracing::Instrument as _;

use super::blocks::Blocks;
use super::finished::has_ended;
use super::into_sse::IntoSse;
use super::response::{SseOptions, respond};
use crate::broadcast::{Leash, OnLag, Subscription};
use crate::charge::paying_for;
use crate::message::{Message, Sendable};
use crate::route::{Call, Callable, Endpoint, Handled, Incoming, Kind, Refusal, opened};
use crate::server::{ConnectionKind, Offer, OpenStream, admit};

/// An `#[sse]` route's function, known to return what such a route can; `E` refuses.
#[derive(Debug)]
pub struct SseEndpoint<R, E> {
    call: Callable<R>,
    options: SseOptions,
    message: MessageType,
    blocks: fn(R) -> Result<MaybeBlocks, E>,
    refuse: fn(E) -> Error,
}

/// The type of what is sent.
#[derive(Debug, Clone, Copy)]
struct MessageType {
    name: fn() -> &'static str,
    #[cfg(feature = "contract")]
    describe: fn() -> crate::message::Description,
}

impl MessageType {
    const fn of<M: Message>() -> Self {
        Self {
            name: std::any::type_name::<M>,
            #[cfg(feature = "contract")]
            describe: M::description,
        }
    }
}

/// The blocks of a stream, none for 204.
type MaybeBlocks = Option<Box<dyn Blocks>>;

/// Takes the generated `__call`. Only this call has bounds: a type that does not fit is one error.
pub const fn sse<R, K>(call: Callable<R>, options: SseOptions) -> SseEndpoint<R, Error>
where
    R: IntoSse<K> + Refusing<K>,
    R::Message: Sendable,
{
    SseEndpoint {
        call,
        options,
        message: MessageType::of::<R::Message>(),
        blocks: R::blocks,
        refuse: |refused| refused,
    }
}

/// The same for a function whose `Result` is spelled as one: the caller knows how its error answers.
pub const fn sse_refusing<R, E, K>(
    call: Callable<R>,
    options: SseOptions,
    refuse: fn(E) -> Error,
) -> SseEndpoint<R, E>
where
    R: IntoSse<K, Error = E>,
    R::Message: Sendable,
{
    let message = MessageType::of::<R::Message>();
    SseEndpoint { call, options, message, blocks: R::into_blocks, refuse }
}

/// What a route with the key `on_lag` calls, known to return a subscription.
#[derive(Debug)]
pub struct Lagging<R, E> {
    call: Callable<R>,
    message: MessageType,
    blocks: fn(R) -> Result<MaybeBlocks, E>,
}

/// Takes the generated `__call` of a route with the key `on_lag`.
pub const fn lagging<R: Lags>(call: Callable<R>) -> Lagging<R, R::Error>
where
    R::Message: Sendable,
{
    Lagging { call, message: MessageType::of::<R::Message>(), blocks: R::into_blocks }
}

/// The route of it. Of a stream that cannot lag `E` is not known, and so nothing more is told.
pub const fn sse_lagging<R, E>(
    lagging: Lagging<R, E>,
    options: SseOptions,
    on_lag: OnLag,
    refuse: fn(E) -> Error,
) -> SseEndpoint<R, E> {
    let Lagging { call, message, blocks } = lagging;
    let options = SseOptions { on_lag: Some(on_lag), ..options };
    SseEndpoint { call, options, message, blocks, refuse }
}

/// A stream that can lag: the key `on_lag` above any other would mean nothing.
#[diagnostic::on_unimplemented(
    message = "`on_lag` stands above a function that returns `{Self}`, which cannot lag",
    label = "only a `Subscription` lags",
    note = "remove the key, or return `Subscription<T>`: a stream of one's own is asked for an item when there is room for it, and never misses one"
)]
pub trait Lags {
    /// As of [`IntoSse`].
    type Message;

    /// As of [`IntoSse`].
    type Error;

    /// As of [`IntoSse`].
    ///
    /// # Errors
    /// The refusal instead of a stream.
    fn into_blocks(self) -> Result<MaybeBlocks, Self::Error>
    where
        Self::Message: Message;
}

#[diagnostic::do_not_recommend]
impl<T: 'static> Lags for Subscription<T> {
    type Message = T;
    type Error = Infallible;

    fn into_blocks(self) -> Result<MaybeBlocks, Infallible>
    where
        T: Message,
    {
        IntoSse::into_blocks(self)
    }
}

#[diagnostic::do_not_recommend]
impl<R: Lags<Error = Infallible>, E> Lags for Result<R, E> {
    type Message = R::Message;
    type Error = E;

    fn into_blocks(self) -> Result<MaybeBlocks, E>
    where
        R::Message: Message,
    {
        self?.into_blocks().map_err(|never| match never {})
    }
}

#[diagnostic::do_not_recommend]
impl<R: Lags> Lags for Option<R> {
    type Message = R::Message;
    type Error = R::Error;

    fn into_blocks(self) -> Result<MaybeBlocks, R::Error>
    where
        R::Message: Message,
    {
        self.map_or(Ok(None), Lags::into_blocks)
    }
}

/// What refuses instead of a stream is an HTTP answer. A bound of its own, behind the one on the type as
/// a whole: as one on `R::Error` it would be told first, and in the words of a trait further in.
pub trait Refusing<K>: IntoSse<K> {
    /// The blocks of the stream, or the answer.
    ///
    /// # Errors
    /// The refusal.
    fn blocks(self) -> Result<MaybeBlocks, Error>
    where
        Self::Message: Message;
}

impl<R: IntoSse<K>, K> Refusing<K> for R
where
    R::Error: Refusal,
{
    fn blocks(self) -> Result<MaybeBlocks, Error>
    where
        R::Message: Message,
    {
        self.into_blocks().map_err(Into::into)
    }
}

/// By what the stream is told to end alone: where a handle was taken, and where the inspector lists it.
fn named(stream: &OpenStream, offer: Offer) -> Option<Arc<Leash>> {
    let taken = offer.taken();
    #[cfg(feature = "inspector")]
    if stream.is_listed() {
        let leash = taken.unwrap_or_else(Leash::new);
        stream.is_named(&leash.handle());
        return Some(leash);
    }
    #[cfg(not(feature = "inspector"))]
    let _ = stream;
    taken
}

impl<R: 'static, E: 'static> Endpoint for SseEndpoint<R, E> {
    fn kind(&self) -> Kind {
        Kind::Sse
    }

    fn message(&self) -> &'static str {
        (self.message.name)()
    }

    #[cfg(feature = "contract")]
    fn description(&self) -> crate::message::Description {
        (self.message.describe)()
    }

    fn method(&self) -> &'static str {
        if self.options.post { "POST" } else { "GET" }
    }

    fn serve(&self, req: HttpRequest, payload: Payload) -> Handled {
        let Self { call, options, blocks, refuse, .. } = *self;
        Call::new(async move {
            // Before the limits too: a client that is told "not now" would come back once more.
            if has_ended(&req) {
                tracing::debug!(path = req.path(), "the client was told the end of this stream");
                return Ok(HttpResponse::NoContent().finish());
            }
            let stream = admit(&req, ConnectionKind::Sse)?;
            let span = stream.observed().span().clone();
            let (offer, tab) = (Offer::of(&req), stream.tab());
            let call = span.in_scope(|| call(Incoming::new(&req, payload)));
            let returned = paying_for(Rc::clone(&tab) as _, call).instrument(span).await?;
            let mut blocks = blocks(returned).map_err(refuse)?;
            if let Some(blocks) = &mut blocks {
                if let Some(leash) = named(&stream, offer) {
                    blocks.is_named(&leash);
                }
                opened(|cx| blocks.poll_opened(cx)).await?;
            }
            respond(&req, blocks, options, stream, tab)
        })
    }
}
