//! A [`Subscription`] where a stream or an iterator is expected: an error in words of our own.

use std::future::Ready;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;

use super::subscription::Subscription;

/// A subscription is deliberately none of these, and says so in its own words.
#[diagnostic::on_unimplemented(
    message = "a `Subscription` is neither a stream nor an iterator: it has positions, which those would lose",
    label = "this is a `Subscription`",
    note = "return `Subscription<T>` itself from an `#[sse]` function, with `.map(..)` and `.filter(..)` if need be; in code, read it by `while let Some(delivery) = subscription.recv().await`"
)]
#[doc(hidden)]
pub trait WithoutPositions {}

#[doc(hidden)]
impl<T> Stream for Subscription<T>
where
    Self: WithoutPositions,
{
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        unreachable!("what does not compile is not called")
    }
}

#[doc(hidden)]
impl<T> Iterator for Subscription<T>
where
    Self: WithoutPositions,
{
    type Item = T;

    fn next(&mut self) -> Option<T> {
        unreachable!("what does not compile is not called")
    }
}

impl<T> Subscription<T> {
    /// Compiles nowhere.
    #[doc(hidden)]
    #[allow(
        clippy::should_implement_trait,
        reason = "it stands in front of `StreamExt::next`, to be told of"
    )]
    pub fn next(&mut self) -> Ready<Option<T>>
    where
        Self: WithoutPositions,
    {
        unreachable!("what does not compile is not called")
    }
}
