//! Types that an `#[sse]` function may return.

use std::convert::Infallible;

use futures_util::Stream;

use super::blocks::{Blocks, Subscribed};
use super::streamed::Streamed;
use crate::broadcast::{End, Subscription};
use crate::message::Message;

/// What an `#[sse]` function may return: a `Subscription`, a stream of messages, or either of them
/// in a `Result` (an `Err` is the HTTP answer) or an `Option` (`None` is 204: the client does not
/// come back).
///
/// Its end, that of a stream or of the set of a `Subscription`, is told as `event: ereo.end` with the id
/// `ereo-end`. An `EventSource`, which comes back nevertheless, is answered 204 for that id, without a call
/// of the function. A client that begins anew without it gets a stream anew.
///
/// `Kind` tells the implementations apart and is always inferred.
#[diagnostic::on_unimplemented(
    message = "an `#[sse]` function cannot return `{Self}`",
    label = "expected a `Subscription<T>` or a stream of messages",
    note = "return `Subscription<T>` or `impl Stream<Item = T>` where `T: Message`, plain, in an `Option`, or in a `Result` whose error converts into `actix_web::Error`"
)]
pub trait IntoSse<Kind> {
    /// What the clients get. That it is a message is no bound here: a stream whose items alone do not fit is
    /// told so.
    type Message;

    /// What refuses the request. That it is an HTTP answer is no bound here: a type whose error
    /// alone does not fit is told so.
    type Error;

    /// The blocks of the stream; `None` ends for good.
    ///
    /// # Errors
    /// The refusal instead of a stream.
    #[doc(hidden)]
    fn into_blocks(self) -> Result<Option<Box<dyn Blocks>>, Self::Error>
    where
        Self::Message: Message;
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

// None of them is recommended: what is no stream is told in the words of `IntoSse`, without a list of whatever
// is one.
#[diagnostic::do_not_recommend]
impl<T: 'static> IntoSse<kind::Subscribed> for Subscription<T> {
    type Message = T;
    type Error = Infallible;

    fn into_blocks(self) -> Result<Option<Box<dyn Blocks>>, Self::Error>
    where
        T: Message,
    {
        // Its client has seen the last message.
        if self.end() == Some(&End::Over) {
            return Ok(None);
        }
        Ok(Some(Box::new(Subscribed::new(self))))
    }
}

#[diagnostic::do_not_recommend]
impl<S> IntoSse<kind::Streamed> for S
where
    S: Stream + 'static,
{
    type Message = S::Item;
    type Error = Infallible;

    fn into_blocks(self) -> Result<Option<Box<dyn Blocks>>, Self::Error>
    where
        S::Item: Message,
    {
        Ok(Some(Box::new(Streamed::new(self))))
    }
}

#[diagnostic::do_not_recommend]
impl<R, E, K> IntoSse<kind::Fallible<K>> for Result<R, E>
where
    R: IntoSse<K, Error = Infallible>,
{
    type Message = R::Message;
    type Error = E;

    fn into_blocks(self) -> Result<Option<Box<dyn Blocks>>, E>
    where
        R::Message: Message,
    {
        self?.into_blocks().map_err(|never| match never {})
    }
}

#[diagnostic::do_not_recommend]
impl<R, K> IntoSse<kind::Ending<K>> for Option<R>
where
    R: IntoSse<K>,
{
    type Message = R::Message;
    type Error = R::Error;

    fn into_blocks(self) -> Result<Option<Box<dyn Blocks>>, Self::Error>
    where
        R::Message: Message,
    {
        self.map_or(Ok(None), IntoSse::into_blocks)
    }
}
