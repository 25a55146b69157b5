//! The news of a set's presence as messages of a user's own.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;

use super::event::PresenceEvent;
use super::stream::PresenceEvents;

/// A message that is made of a [`PresenceEvent`]: a bound of our own, for the words in which its lack is told.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not made of a `PresenceEvent`",
    label = "this is no `From<PresenceEvent>`",
    note = "say what a client is told of who is there, comes and goes: `impl From<PresenceEvent> for {Self} {{ fn from(event: PresenceEvent) -> Self {{ .. }} }}`; clients that take a `PresenceEvent` itself need none of it, `set.presence()` is a stream of them"
)]
pub trait OfPresence: From<PresenceEvent> {}

#[diagnostic::do_not_recommend]
impl<M: From<PresenceEvent>> OfPresence for M {}

/// What [`PresenceEvents::into_messages`] gives, a stream of messages of `M`.
///
/// A named type without a bound: an `impl Stream` would say thrice that `M` is not made of a [`PresenceEvent`].
#[must_use = "a stream does nothing before it is read"]
pub struct PresenceMessages<M> {
    events: PresenceEvents,
    view: fn(PresenceEvent) -> M,
}

impl<M> PresenceMessages<M> {
    pub(super) fn new(events: PresenceEvents, view: fn(PresenceEvent) -> M) -> Self {
        Self { events, view }
    }
}

impl<M> Stream for PresenceMessages<M> {
    type Item = M;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<M>> {
        let this = &mut *self;
        this.events.poll_event(cx).map(|event| event.map(this.view))
    }
}

impl<M> fmt::Debug for PresenceMessages<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresenceMessages").finish_non_exhaustive()
    }
}
