//! An `#[sse]` route as its expansion registers it.

use actix_web::dev::Payload;
use actix_web::{Error, HttpRequest};
use tracing::Instrument as _;

use super::blocks::Blocks;
use super::into_sse::IntoSse;
use super::response::{SseOptions, respond};
use crate::route::{Call, Callable, Endpoint, Handled, Incoming, Kind, Refusal};
use crate::server::{ConnectionKind, admit};

/// An `#[sse]` route's function, known to return what such a route can.
#[derive(Debug)]
pub struct SseEndpoint<R> {
    call: Callable<R>,
    options: SseOptions,
    message: fn() -> &'static str,
    blocks: fn(R) -> Result<Option<Box<dyn Blocks>>, Error>,
}

/// Takes the generated `__call`. Only this call has bounds: a type that does not fit is one error.
pub const fn sse<R, K>(call: Callable<R>, options: SseOptions) -> SseEndpoint<R>
where
    R: IntoSse<K> + Refusing<K>,
{
    SseEndpoint { call, options, message: std::any::type_name::<R::Message>, blocks: R::blocks }
}

/// What refuses instead of a stream is an HTTP answer. A bound of its own, behind the one on the type as
/// a whole: as one on `R::Error` it would be told first, and in the words of a trait further in.
pub trait Refusing<K>: IntoSse<K> {
    /// The blocks of the stream, or the answer.
    ///
    /// # Errors
    /// The refusal.
    fn blocks(self) -> Result<Option<Box<dyn Blocks>>, Error>;
}

impl<R: IntoSse<K>, K> Refusing<K> for R
where
    R::Error: Refusal,
{
    fn blocks(self) -> Result<Option<Box<dyn Blocks>>, Error> {
        self.into_blocks().map_err(Into::into)
    }
}

impl<R: 'static> Endpoint for SseEndpoint<R> {
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
            Ok(respond(blocks(returned)?, options, stream))
        })
    }
}
