//! What an `#[sse]` function may return.

use actix_web::Error;
use futures_util::Stream;

use super::blocks::{Blocks, Streamed, Subscribed};
use crate::broadcast::Subscription;
use crate::message::Message;

/// What an `#[sse]` function may return: a `Subscription`, a stream of messages, or either of them
/// in a `Result` (an `Err` is the HTTP answer) or an `Option` (`None` is 204: the client does not
/// come back).
///
/// `Kind` tells the implementations apart and is always inferred.
#[diagnostic::on_unimplemented(
    message = "an `#[sse]` function cannot return `{Self}`",
    label = "expected a `Subscription<T>` or a stream of messages",
    note = "return `Subscription<T>` or `impl Stream<Item = T>` where `T: Message`, plain, in an `Option`, or in a `Result` whose error converts into `actix_web::Error`"
)]
pub trait IntoSse<Kind> {
    /// What the clients get.
    type Message: Message;

    /// The blocks of the stream; `None` ends for good.
    ///
    /// # Errors
    /// The HTTP answer instead of a stream.
    #[doc(hidden)]
    fn into_blocks(self) -> Result<Option<Box<dyn Blocks>>, Error>;
}

/// Markers for [`IntoSse`]'s `Kind`, never made: coherence needs them, nobody names them.
#[doc(hidden)]
pub mod kind {
    use std::marker::PhantomData;

    #[derive(Debug)]
    pub struct Subscribed;
    #[derive(Debug)]
    pub struct Streamed;
    #[derive(Debug)]
    pub struct Fallible<K>(PhantomData<K>);
    #[derive(Debug)]
    pub struct Ending<K>(PhantomData<K>);
}

impl<T: Message + 'static> IntoSse<kind::Subscribed> for Subscription<T> {
    type Message = T;

    fn into_blocks(self) -> Result<Option<Box<dyn Blocks>>, Error> {
        Ok(Some(Box::new(Subscribed::new(self))))
    }
}

impl<S> IntoSse<kind::Streamed> for S
where
    S: Stream + 'static,
    S::Item: Message,
{
    type Message = S::Item;

    fn into_blocks(self) -> Result<Option<Box<dyn Blocks>>, Error> {
        Ok(Some(Box::new(Streamed::new(self))))
    }
}

impl<R, E, K> IntoSse<kind::Fallible<K>> for Result<R, E>
where
    R: IntoSse<K>,
    E: Into<Error>,
{
    type Message = R::Message;

    fn into_blocks(self) -> Result<Option<Box<dyn Blocks>>, Error> {
        self.map_err(Into::into)?.into_blocks()
    }
}

impl<R, K> IntoSse<kind::Ending<K>> for Option<R>
where
    R: IntoSse<K>,
{
    type Message = R::Message;

    fn into_blocks(self) -> Result<Option<Box<dyn Blocks>>, Error> {
        self.map_or(Ok(None), IntoSse::into_blocks)
    }
}
