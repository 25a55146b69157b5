//! Sources that hooks hear beside messages: who is there, what is broadcast, any stream.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use futures_util::future::LocalBoxFuture;

use super::close::CloseCode;
use super::error::SocketError;
use crate::broadcast::{Delivery, Subscription};

/// What a `hears` hook may return, where `heard` takes an `Event`.
#[diagnostic::on_unimplemented(
    message = "`hears` returns `{Self}`, and of that `heard` gets no `{Event}`",
    label = "this does not give what `heard` takes",
    note = "return `set.presence()` where `heard` takes a `PresenceEvent`, `set.subscribe(..)` where it takes a `Delivery<T>`, and of any other type a `Stream` of what it takes; several become one with `futures_util::stream::select`, each by `map` an enum of your own"
)]
pub trait Hears<Event>: 'static {
    /// The next event; `None` at the end.
    ///
    /// # Errors
    /// What closes the connection, where the end is not one to go on from.
    fn poll_event(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Event>, SocketError>>;
}

/// A stream of `Event`: a bound that is not met where it is one of something else, in place of a type of its
/// items that differs, which rustc would tell in words of its own.
pub trait StreamOf<Event>: Stream<Item = Event> {}

impl<S: Stream> StreamOf<S::Item> for S {}

#[diagnostic::do_not_recommend]
impl<S: StreamOf<Event> + 'static, Event> Hears<Event> for S {
    fn poll_event(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Event>, SocketError>> {
        self.poll_next(cx).map(Ok)
    }
}

/// A reader that was disconnected for lagging closes the connection, as a [`Seat`](super::Seat) does.
impl<T: 'static> Hears<Delivery<T>> for Subscription<T> {
    fn poll_event(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Delivery<T>>, SocketError>> {
        let this = self.get_mut();
        let delivery = ready!(this.poll_delivery(cx));
        match (delivery, this.lagged()) {
            (None, Some(missed)) => {
                let reason = format!("lagged: {missed} messages missed");
                Poll::Ready(Err(SocketError::close(CloseCode::TRY_AGAIN_LATER, reason)))
            }
            (delivery, _) => Poll::Ready(Ok(delivery)),
        }
    }
}

type Calling<'a> = LocalBoxFuture<'a, Result<(), SocketError>>;

/// A call of the hook `heard` of hooks of type `H`.
pub(super) type Heard<H> = Box<dyn for<'a> FnOnce(&'a mut H) -> Calling<'a>>;

/// The next call, if there is one.
type Next<H> = Poll<Result<Option<Heard<H>>, SocketError>>;

type Polling<H> = dyn FnMut(&mut Context<'_>) -> Next<H>;

/// What hooks of type `H` hear of, made by [`hearing`].
pub struct Hearing<H>(Box<Polling<H>>);

impl<H> Hearing<H> {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Next<H> {
        (self.0)(cx)
    }
}

impl<H> fmt::Debug for Hearing<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hearing").finish_non_exhaustive()
    }
}

/// How `heard` of hooks of type `H` is called with an event.
type Called<Event, H> = for<'a> fn(&'a mut H, Event) -> Calling<'a>;

/// Takes what a `hears` hook has returned, and how `heard` is called with what that gives.
pub fn hearing<Event: 'static, S: Hears<Event>, H: 'static>(
    source: S,
    call: Called<Event, H>,
) -> Option<Hearing<H>> {
    let mut source = Box::pin(source);
    Some(Hearing(Box::new(move |cx| {
        let event = ready!(source.as_mut().poll_event(cx))?;
        Poll::Ready(Ok(event.map(|event| later(event, call))))
    })))
}

fn later<Event: 'static, H: 'static>(event: Event, call: Called<Event, H>) -> Heard<H> {
    Box::new(move |hooks| call(hooks, event))
}

/// A call under way.
pub fn heard<'a>(called: impl Future<Output = Result<(), SocketError>> + 'a) -> Calling<'a> {
    Box::pin(called)
}
