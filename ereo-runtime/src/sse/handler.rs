//! An `#[sse]` route as its expansion registers it.

use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{Error, HttpRequest};
use tracing::Instrument as _;

use super::blocks::Blocks;
use super::into_sse::{IntoSse, kind};
use super::response::{SseOptions, respond};
use crate::broadcast::OnLag;
use crate::route::{Call, Callable, Endpoint, Handled, Incoming, Kind, Refusal};
use crate::server::{ConnectionKind, admit};

/// An `#[sse]` route's function, known to return what such a route can.
#[derive(Debug)]
pub struct SseEndpoint<R, K> {
    call: Callable<R>,
    options: SseOptions,
    message: fn() -> &'static str,
    blocks: fn(R) -> Answered,
    kind: PhantomData<fn() -> K>,
}

/// The blocks of a stream, none for 204, or a refusal.
type Answered = Result<Option<Box<dyn Blocks>>, Error>;

/// Takes the generated `__call`. Only this call has bounds: a type that does not fit is one error.
pub const fn sse<R, K>(call: Callable<R>, options: SseOptions) -> SseEndpoint<R, K>
where
    R: IntoSse<K> + Refusing<K>,
{
    SseEndpoint {
        call,
        options,
        message: std::any::type_name::<R::Message>,
        blocks: R::blocks,
        kind: PhantomData,
    }
}

/// The same route with the key `on_lag`.
pub const fn on_lag<R, K: Lags>(endpoint: SseEndpoint<R, K>, on_lag: OnLag) -> SseEndpoint<R, K> {
    let options = SseOptions { on_lag: Some(on_lag), ..endpoint.options };
    SseEndpoint { options, ..endpoint }
}

/// A kind of stream that can lag: the key `on_lag` above any other would mean nothing.
#[diagnostic::on_unimplemented(
    message = "`on_lag` stands above a function whose stream cannot lag",
    label = "only a `Subscription` lags",
    note = "remove the key, or return `Subscription<T>`: a stream of one's own is asked for an item when there is room for it, and never misses one"
)]
pub trait Lags {}

impl Lags for kind::Subscribed {}
impl<K: Lags> Lags for kind::Fallible<K> {}
impl<K: Lags> Lags for kind::Ending<K> {}

/// What refuses instead of a stream is an HTTP answer. A bound of its own, behind the one on the type as
/// a whole: as one on `R::Error` it would be told first, and in the words of a trait further in.
pub trait Refusing<K>: IntoSse<K> {
    /// The blocks of the stream, or the answer.
    ///
    /// # Errors
    /// The refusal.
    fn blocks(self) -> Answered;
}

impl<R: IntoSse<K>, K> Refusing<K> for R
where
    R::Error: Refusal,
{
    fn blocks(self) -> Answered {
        self.into_blocks().map_err(Into::into)
    }
}

impl<R: 'static, K> Endpoint for SseEndpoint<R, K> {
    fn kind(&self) -> Kind {
        Kind::Sse
    }

    fn message(&self) -> &'static str {
        (self.message)()
    }

    fn serve(&self, req: HttpRequest, payload: Payload) -> Handled {
        let (call, blocks, options) = (self.call, self.blocks, self.options);
        Call::new(async move {
            let stream = admit(&req, ConnectionKind::Sse)?;
            let span = stream.observed().span().clone();
            let call = span.in_scope(|| call(Incoming::new(&req, payload)));
            let returned = call.instrument(span).await?;
            respond(&req, blocks(returned)?, options, stream)
        })
    }
}
