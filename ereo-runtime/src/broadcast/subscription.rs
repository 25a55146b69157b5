//! The reader's side: [`Subscription`].

use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use serde::Serialize;

use super::entry::Received;
use super::leash::Leash;
use super::on_lag::{OnLag, ResetReason};
use super::order::Start;
use super::presence::member::Who;
use super::room_full::RoomFull;
use super::source::{Source, Step, Stride};
use super::views::{Filter, Map};
use crate::charge::{Payer, payer};
use crate::ending::Ending;
use crate::expiry::{Credentials, Expiry, Renewal, refresh};
use crate::fanout::Sink;
use crate::log::Position;
use crate::message::{EncodeError, Message};
use crate::sync::Arc;
use crate::wire::{Block, Framing, Part};

/// One reader of a [`ClientSet`](super::ClientSet).
///
/// Returned from an `#[sse]` function it becomes the response, each message encoded once for all
/// readers. It is deliberately no `Stream`: that would lose the positions. To read it in code, see
/// [`Subscription::recv`].
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[sse("/orders/{order}")]
/// async fn progress(order: String, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
///     set.room(&order).subscribe(last)
/// }
/// ```
#[must_use = "a subscription that is dropped reads nothing: return it, or read it by `recv`"]
pub struct Subscription<T> {
    source: Box<dyn Source<T>>,
    /// Where the reader stands: behind the last message that it got or passed over.
    position: Position,
    /// Where it begins, if that is not where the set stood; gone once it is read.
    begin: Option<Box<Begin>>,
    /// Where the reader's credentials end.
    credentials: Option<Box<Credentials>>,
    end: Option<End>,
}

/// How it ended, where the set has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    Expired,
    /// Disconnected for lagging.
    Lagged {
        missed: u64,
    },
    /// Its client was sent too much again, and was told when it can have it.
    Refused,
    /// By name. Boxed, for it is rare.
    Told(Box<Ending>),
}

/// The beginning of a reader that comes back.
struct Begin {
    /// Where the set stood when the reader subscribed; a reset goes on behind it.
    head: Position,
    reset: Option<Reset>,
    /// It is not known yet: the set's store is asked. The reader comes with this.
    opening: Option<Option<Position>>,
    /// Whose code has subscribed, if that pays for what is sent again.
    payer: Option<Rc<dyn Payer>>,
}

/// Why the reader does not go on where it wanted to, to be told before anything else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reset {
    pub(super) reason: ResetReason,
    pub(super) missed: Option<u64>,
}

/// What a subscription hands out.
///
/// ```
/// use ereo_runtime::{ClientSet, Delivery, LastEventId};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let set = ClientSet::<String>::new();
/// let mut reader = set.subscribe(LastEventId::none());
/// set.broadcast(&"hello".to_owned())?;
/// match reader.recv().await {
///     Some(Delivery::Message { position, message }) => {
///         assert_eq!((position.offset(), message.as_str()), (1, "hello"));
///     }
///     Some(Delivery::Reset { reason, missed, .. }) => println!("load again: {reason:?}, {missed:?}"),
///     Some(_) | None => println!("it has ended"),
/// }
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
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
    /// The reader's credentials have ended ([`Subscription::expires_at`]): nothing else comes.
    Expired,
}

/// What comes next: a delivery, or what only those who send it on are told.
pub(crate) enum Due<T> {
    Delivery(Delivery<T>),
    /// A filter left messages out; the reader stands at this position behind them.
    PassedOver(Position),
    /// The reader stands at this position behind them.
    Batch(Part, Position),
}

impl<T: 'static> Subscription<T> {
    pub(super) fn new(source: impl Source<T> + 'static, start: Start) -> Self {
        let Start { position, head, reset, .. } = start;
        let begin = (position != head || reset.is_some())
            .then(|| Box::new(Begin { head, reset, opening: None, payer: payer() }));
        Self { source: Box::new(source), position, begin, credentials: None, end: None }
    }

    /// Of a set that has yet to ask its store where it stands.
    pub(super) fn opening(source: impl Source<T> + 'static, last: Option<Position>) -> Self {
        let position = last.unwrap_or(Position::FOREIGN);
        let begin = Begin { head: position, reset: None, opening: Some(last), payer: payer() };
        let begin = Some(Box::new(begin));
        Self { source: Box::new(source), position, begin, credentials: None, end: None }
    }

    /// Leaves out the messages that `keep` does not want; the position goes on over them.
    pub fn filter(self, keep: impl Fn(&T) -> bool + 'static) -> Self {
        let source = Box::new(Filter { source: self.source, keep: Box::new(keep) });
        Self { source, ..self }
    }

    /// Shows every message to this client as `view` makes it. It is then encoded for this client
    /// alone; prefer a set of what all may see where many clients share one view.
    pub fn map<U: 'static>(self, view: impl Fn(&T) -> U + 'static) -> Subscription<U> {
        let Self { source, position, begin, credentials, end } = self;
        let source = Box::new(Map { source, view: Box::new(view) });
        Subscription { source, position, begin, credentials, end }
    }

    /// What becomes of this reader when it lags, instead of what the set says. It goes before the
    /// `on_lag` key of the route that returns it.
    pub fn on_lag(mut self, on_lag: OnLag) -> Self {
        *self.source.on_lag() = Some(on_lag);
        self
    }

    /// Makes the reader a connection of the member `key`, such as a user's id, with `info` for those
    /// who ask who is there; see [`ClientSet::members`](super::ClientSet::members). Like a client it
    /// counts from its first read, and until it is dropped.
    ///
    /// # Errors
    /// When `info` cannot be serialized or has more than 64 KiB as JSON, or the key has more than 255 bytes.
    pub fn as_member<I: Serialize + ?Sized>(
        mut self,
        key: impl Display,
        info: &I,
    ) -> Result<Self, EncodeError> {
        self.source.enter_as(Box::new(Who::new(key, info)?));
        Ok(self)
    }

    /// Ends the reader when its credentials do: a [`SystemTime`](std::time::SystemTime), an `Instant`,
    /// a `Duration` from now, or `Expiry::at_unix(claims.exp)`. The client is told
    /// `event: ereo.expired`; it can come back with its position and misses nothing. See [`expiry`].
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// #[sse("/account")]
    /// async fn account(
    ///     set: Data<ClientSet<String>>,
    ///     sessions: Data<Sessions>,
    ///     last: LastEventId,
    /// ) -> Subscription<String> {
    ///     let subscription = set.subscribe(last).expires_at(sessions.good_until().await);
    ///     // Asked 10 s before the end: a session that was renewed meanwhile goes on.
    ///     subscription.refresh(move || {
    ///         let sessions = sessions.clone();
    ///         async move { Some(sessions.good_until().await) }
    ///     })
    /// }
    /// # struct Sessions;
    /// # impl Sessions { async fn good_until(&self) -> Duration { Duration::from_secs(60) } }
    /// ```
    ///
    /// [`expiry`]: crate::expiry
    pub fn expires_at(mut self, end: impl Into<Expiry>) -> Self {
        self.credentials.get_or_insert_default().expires_at(end.into());
        self
    }

    /// Asks `callback` for a renewal before the end that [`Subscription::expires_at`] set: `Some` moment
    /// until which the reader goes on, or `None`, which ends it.
    pub fn refresh<F, A>(mut self, callback: F) -> Self
    where
        F: FnMut() -> A + 'static,
        A: Future<Output: Renewal> + 'static,
    {
        self.credentials.get_or_insert_default().refresh_by(refresh(callback));
        self
    }

    /// Takes the reader's place in a set that not all may join ([`max_clients`]); a route does so by
    /// itself with what it answers. A reader that is read without it is counted, but never refused.
    ///
    /// # Errors
    /// [`RoomFull`].
    ///
    /// [`max_clients`]: super::builder::Builder::max_clients
    pub fn claim(mut self) -> Result<Self, RoomFull> {
        self.source.claim()?;
        Ok(self)
    }

    /// Where the reader stands: behind the last message that it got or passed over. Whoever comes
    /// back with it misses nothing unsaid: until a reset is told, this is what the reader came with.
    pub fn position(&self) -> Position {
        self.position
    }

    /// How it was ended by name ([`ClientSet::disconnect`](super::ClientSet::disconnect)), once
    /// [`recv`](Subscription::recv) has said `None` for that.
    pub fn ending(&self) -> Option<&Ending> {
        match &self.end {
            Some(End::Told(ending)) => Some(ending),
            _ => None,
        }
    }

    /// The next message, or word of what is missing; `None` when the set is gone, the reader was
    /// disconnected for lagging or by name, or its credentials have ended, and where its client's address was sent
    /// too much again ([`Limits::replayed_bytes`](crate::Limits::replayed_bytes)): then the connection is
    /// being closed already.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn recv(&mut self) -> Option<Delivery<T>> {
        poll_fn(|cx| self.poll_delivery(cx)).await
    }

    /// Waits until it is known where the reader begins: at once, unless the set has a store that has not said yet
    /// where it stands, as for the first readers after a start, or of a room. Only then
    /// [`position`](Subscription::position) is where the reader is. What is broadcast meanwhile is not missed.
    pub async fn opened(&mut self) {
        poll_fn(|cx| self.poll_opened(cx)).await;
    }

    pub(crate) fn poll_opened(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(begin) = &mut self.begin else { return Poll::Ready(()) };
        if let Some(last) = begin.opening {
            let start = ready!(self.source.poll_open(last, cx));
            (begin.head, begin.reset, begin.opening) = (start.head, start.reset, None);
            self.position = start.position;
        }
        Poll::Ready(())
    }

    /// What becomes of it when it lags, unless it was told before.
    pub(crate) fn default_on_lag(&mut self, on_lag: OnLag) {
        self.source.on_lag().get_or_insert(on_lag);
    }

    /// Where the set stood when this reader, which is not read yet, subscribed.
    pub(crate) fn head(&self) -> Position {
        self.begin.as_ref().map_or(self.position, |begin| begin.head)
    }

    /// Whether the first thing to tell is that messages are missing.
    pub(crate) fn starts_with_reset(&self) -> bool {
        self.begin.as_ref().is_some_and(|begin| begin.reset.is_some())
    }

    /// It is told to end by this, as one of the connections that can be named.
    pub(crate) fn is_named(&mut self, leash: &Arc<Leash>) {
        self.source.is_named(leash);
    }

    /// How many bytes are kept of what is behind the reader's position.
    pub(crate) fn replayed(&self) -> u64 {
        self.source.replayed()
    }

    /// What is sent again is paid for.
    pub(crate) fn is_paid(&mut self) {
        if let Some(begin) = &mut self.begin {
            begin.payer = None;
        }
    }

    pub(crate) fn try_claim(&mut self) -> Result<(), RoomFull> {
        self.source.claim()
    }

    /// What comes next, for who sends nothing on.
    pub(crate) fn poll_delivery(&mut self, cx: &mut Context<'_>) -> Poll<Option<Delivery<T>>> {
        loop {
            match ready!(self.poll_one(cx)) {
                Some(Due::Delivery(delivery)) => return Poll::Ready(Some(delivery)),
                Some(_) => {}
                None => return Poll::Ready(None),
            }
        }
    }

    /// How many messages it had not read when it was disconnected for lagging, if it was.
    pub(crate) fn lagged(&self) -> Option<u64> {
        match self.end {
            Some(End::Lagged { missed }) => Some(missed),
            _ => None,
        }
    }

    /// How it ended, where it was not the set's end.
    pub(crate) fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// Lets relays write to `sink` while there is nothing to read.
    pub(crate) fn relay_into(&mut self, sink: &Arc<dyn Sink>) {
        self.source.relay_into(sink);
    }

    /// Whether nothing but what others send wakes it.
    pub(crate) fn is_quiet(&self) -> bool {
        self.credentials.is_none() && self.source.is_relayed()
    }

    /// Goes on behind what others have sent; whether that was anything.
    pub(crate) fn catch_up(&mut self) -> bool {
        let sent = self.source.catch_up();
        if let Some(position) = sent {
            self.position = position;
        }
        sent.is_some()
    }

    /// The next step, without several messages at once.
    pub(super) fn poll_one(&mut self, cx: &mut Context<'_>) -> Poll<Option<Due<T>>> {
        if let ControlFlow::Break(delivery) = ready!(self.poll_before(cx)) {
            return Poll::Ready(delivery.map(Due::Delivery));
        }
        let step = ready!(self.source.poll_step(cx));
        Poll::Ready(step.and_then(|step| self.due(step)))
    }

    /// The same for who sends it on, framed like this.
    pub(crate) fn poll_due(
        &mut self,
        framing: Framing,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Due<T>>> {
        if let ControlFlow::Break(delivery) = ready!(self.poll_before(cx)) {
            return Poll::Ready(delivery.map(Due::Delivery));
        }
        let until = self.credentials.as_ref().and_then(|credentials| credentials.end());
        let stride = ready!(self.source.poll_stride(framing, until, cx));
        Poll::Ready(stride.and_then(|stride| match stride {
            Stride::Step(step) => self.due(step),
            Stride::Batch(part, position) => {
                self.position = position;
                Some(Due::Batch(part, position))
            }
        }))
    }

    /// What goes before all that the source has.
    fn poll_before(&mut self, cx: &mut Context<'_>) -> Poll<ControlFlow<Option<Delivery<T>>>> {
        if self.end.is_some() {
            return Poll::Ready(ControlFlow::Break(None));
        }
        // Before anything else: nothing goes out once they have ended.
        if let Some(credentials) = &mut self.credentials
            && credentials.poll_ended(cx).is_ready()
        {
            self.end = Some(End::Expired);
            return Poll::Ready(ControlFlow::Break(Some(Delivery::Expired)));
        }
        if self.begin.is_none() {
            return Poll::Ready(ControlFlow::Continue(()));
        }
        ready!(self.poll_opened(cx));
        Poll::Ready(self.begins())
    }

    /// What a reader that comes back is told first.
    fn begins(&mut self) -> ControlFlow<Option<Delivery<T>>> {
        let Some(begin) = self.begin.take() else { return ControlFlow::Continue(()) };
        let Begin { head: position, reset, payer: subscriber, .. } = *begin;
        let payer = subscriber.or_else(payer);
        if payer.is_some_and(|payer| payer.pay(self.source.replayed()).is_err()) {
            self.end = Some(End::Refused);
            return ControlFlow::Break(None);
        }
        if let Some(reset) = reset {
            self.source.join();
            self.position = position;
            let Reset { reason, missed } = reset;
            return ControlFlow::Break(Some(Delivery::Reset { reason, missed, position }));
        }
        ControlFlow::Continue(())
    }

    fn due(&mut self, step: Step<T>) -> Option<Due<T>> {
        let mut at = |position| {
            self.position = position;
            position
        };
        Some(Due::Delivery(match step {
            Step::Message(position, message) => {
                Delivery::Message { position: at(position), message }
            }
            Step::PassedOver(position) => return Some(Due::PassedOver(at(position))),
            Step::Lagged { missed, position } => {
                let (reason, missed) = (ResetReason::Lagged, Some(missed));
                Delivery::Reset { reason, missed, position: at(position) }
            }
            Step::Forgotten { position } => {
                let reason = ResetReason::Epoch;
                Delivery::Reset { reason, missed: None, position: at(position) }
            }
            Step::Disconnected { missed } => {
                self.end = Some(End::Lagged { missed });
                return None;
            }
            Step::Told(ending) => {
                // Whose code reads it, if that is a connection's.
                if let Some(payer) = payer() {
                    payer.end(&ending);
                }
                self.end = Some(End::Told(Box::new(ending)));
                return None;
            }
        }))
    }
}

impl<T: Message + 'static> Subscription<T> {
    /// A message that it gave, as an event; encoded once for all readers that share it.
    pub(crate) fn event(
        &self,
        position: Position,
        message: &Received<T>,
    ) -> Result<Block, EncodeError> {
        let mut made = 0;
        let block = message.sse(position, &mut made);
        if made > 0 {
            self.source.grew(position, made);
        }
        block
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
