//! The reader's side: [`Subscription`].

use std::fmt::Display;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use serde::Serialize;

use super::Position;
use super::entry::Received;
use super::on_lag::{OnLag, ResetReason};
use super::presence::Who;
use super::source::{Filter, Map, Source, Step};
use crate::message::EncodeError;

/// One reader of a [`ClientSet`](super::ClientSet).
///
/// Returned from an `#[sse]` function it becomes the response, each message encoded once for all
/// readers. It is deliberately no `Stream`: that would lose the positions. To read it in code, see
/// [`Subscription::recv`].
pub struct Subscription<T> {
    source: Box<dyn Source<T>>,
    /// Where the reader stands: behind the last message that it got or passed over.
    position: Position,
    /// Where the set stood when the reader subscribed; a reset goes on behind it.
    head: Position,
    reset: Option<Reset>,
}

/// Why the reader does not go on where it wanted to, to be told before anything else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reset {
    pub(super) reason: ResetReason,
    pub(super) missed: Option<u64>,
}

/// What a subscription hands out.
#[derive(Debug)]
pub enum Delivery<T> {
    /// The next message.
    Message {
        /// Its place in the set's order.
        position: Position,
        /// The message.
        message: Received<T>,
    },
    /// The reader does not go on where it was: messages are missing.
    Reset {
        /// Why.
        reason: ResetReason,
        /// How many messages are missing, where that can be known.
        missed: Option<u64>,
        /// Where the reader goes on: behind this.
        position: Position,
    },
    /// Messages were passed over by a filter; the position went on.
    PassedOver {
        /// Where the reader is now.
        position: Position,
    },
}

impl<T: 'static> Subscription<T> {
    pub(super) fn new(
        source: impl Source<T> + 'static,
        position: Position,
        head: Position,
        reset: Option<Reset>,
    ) -> Self {
        Self { source: Box::new(source), position, head, reset }
    }

    /// Leaves out the messages that `keep` does not want; the position goes on over them.
    #[must_use]
    pub fn filter(self, keep: impl Fn(&T) -> bool + 'static) -> Self {
        let source = Box::new(Filter { source: self.source, keep: Box::new(keep) });
        Self { source, ..self }
    }

    /// Shows every message to this client as `view` makes it. It is then encoded for this client
    /// alone; prefer a set of what all may see where many clients share one view.
    #[must_use]
    pub fn map<U: 'static>(self, view: impl Fn(&T) -> U + 'static) -> Subscription<U> {
        let Self { source, position, head, reset } = self;
        let source = Box::new(Map { source, view: Box::new(view) });
        Subscription { source, position, head, reset }
    }

    /// What becomes of this reader when it lags, instead of what the set says. It goes before the
    /// `on_lag` key of the route that returns it.
    #[must_use]
    pub fn on_lag(mut self, on_lag: OnLag) -> Self {
        *self.source.on_lag() = Some(on_lag);
        self
    }

    /// Makes the reader a connection of the member `key`, such as a user's id, with `info` for those
    /// who ask who is there; see [`ClientSet::members`](super::ClientSet::members). Like a client it
    /// counts from its first read, and until it is dropped.
    ///
    /// # Errors
    /// When `info` cannot be serialized.
    pub fn as_member<I: Serialize + ?Sized>(
        mut self,
        key: impl Display,
        info: &I,
    ) -> Result<Self, EncodeError> {
        *self.source.enters_as() = Some(Who::new(key, info)?);
        Ok(self)
    }

    /// Where the reader stands: behind the last message that it got or passed over. Whoever comes
    /// back with it misses nothing unsaid: until a reset is told, this is what the reader came with.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The next message, or word of what is missing; `None` when the set is gone or the reader was
    /// disconnected for lagging.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn recv(&mut self) -> Option<Delivery<T>> {
        loop {
            match poll_fn(|cx| self.poll_delivery(cx)).await? {
                Delivery::PassedOver { .. } => {}
                delivery => return Some(delivery),
            }
        }
    }

    /// What becomes of it when it lags, unless it was told before.
    pub(crate) fn default_on_lag(&mut self, on_lag: OnLag) {
        self.source.on_lag().get_or_insert(on_lag);
    }

    /// Where the set stood when this reader subscribed.
    pub(crate) fn head(&self) -> Position {
        self.head
    }

    /// Whether the first thing to tell is that messages are missing.
    pub(crate) fn starts_with_reset(&self) -> bool {
        self.reset.is_some()
    }

    pub(crate) fn poll_delivery(&mut self, cx: &mut Context<'_>) -> Poll<Option<Delivery<T>>> {
        if let Some(Reset { reason, missed }) = self.reset.take() {
            self.source.join();
            self.position = self.head;
            return Poll::Ready(Some(Delivery::Reset { reason, missed, position: self.position }));
        }
        let Some(step) = ready!(self.source.poll_step(cx)) else { return Poll::Ready(None) };
        let (Step::Message(offset, _) | Step::PassedOver(offset) | Step::Lagged { offset, .. }) =
            &step;
        self.position = Position::new(self.position.epoch(), *offset);
        let position = self.position;
        Poll::Ready(Some(match step {
            Step::Message(_, message) => Delivery::Message { position, message },
            Step::PassedOver(_) => Delivery::PassedOver { position },
            Step::Lagged { missed, .. } => {
                Delivery::Reset { reason: ResetReason::Lagged, missed: Some(missed), position }
            }
        }))
    }
}

impl<T> std::fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription")
            .field("message", &std::any::type_name::<T>())
            .field("position", &self.position.to_string())
            .finish_non_exhaustive()
    }
}
