//! The reader's side: [`Subscription`].

use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use serde::Serialize;
use tokio::time::timeout;

use super::delivery::{Delivery, End, Reset};
use super::entry::Received;
use super::leash::Leash;
use super::on_lag::OnLag;
use super::order::Start;
use super::presence::member::Who;
use super::probe::{OPENS_WITHIN, Probe, probe};
use super::room_full::RoomFull;
use super::source::Source;
use crate::charge::{Payer, payer};
use crate::ending::Ending;
use crate::expiry::{Credentials, Expiry, Renewal, refresh};
use crate::fanout::Sink;
use crate::log::{LastEventId, Position};
use crate::message::{EncodeError, Message};
use crate::sync::Arc;
use crate::wire::Block;

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
    pub(super) source: Box<dyn Source<T>>,
    /// Where the reader stands: behind the last message that it got or passed over.
    pub(super) position: Position,
    /// Where it begins, if that is not where the set stood; gone once it is read.
    pub(super) begin: Option<Box<Begin>>,
    /// Where the reader's credentials end.
    pub(super) credentials: Option<Box<Credentials>>,
    pub(super) course: Course,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Course {
    /// It began with what was broadcast from then on.
    Fresh,
    /// It came with a position.
    CameBack,
    /// Its set may go on.
    Ended(End),
}

/// The beginning of a reader that comes back.
pub(super) struct Begin {
    /// Where the set stood when the reader subscribed; a reset goes on behind it.
    pub(super) head: Position,
    pub(super) reset: Option<Reset>,
    /// It is not known yet: the set's store is asked. The reader comes with this.
    pub(super) opening: Option<LastEventId>,
    /// How many places it came with, if these are several.
    pub(super) given: usize,
    /// Whose code has subscribed, if that pays for what is sent again.
    pub(super) payer: Option<Rc<dyn Payer>>,
    /// Of a function that is run up to where it reads.
    pub(super) probe: Option<Rc<Probe>>,
}

/// How many places it is, if these are several.
fn several(last: LastEventId) -> usize {
    Some(last.len()).filter(|given| *given > 1).unwrap_or_default()
}

fn course(last: LastEventId) -> Course {
    if last.len() > 0 { Course::CameBack } else { Course::Fresh }
}

impl<T: 'static> Subscription<T> {
    /// A reader of one set that came with `last` and begins there.
    pub(super) fn new(source: Box<dyn Source<T>>, last: LastEventId, start: Start) -> Self {
        let Start { position, head, reset, .. } = start;
        let given = several(last);
        let probe = probe();
        let begin = (position != head || reset.is_some() || given > 0 || probe.is_some())
            .then(|| Box::new(Begin { head, reset, opening: None, given, payer: payer(), probe }));
        Self { source, position, begin, credentials: None, course: course(last) }
    }

    /// Of a set that has yet to ask its store where it stands.
    pub(super) fn opening(source: Box<dyn Source<T>>, last: LastEventId) -> Self {
        let position = last.position().unwrap_or(Position::FOREIGN);
        let begin = Begin {
            head: position,
            reset: None,
            opening: Some(last),
            given: several(last),
            payer: payer(),
            probe: probe(),
        };
        let begin = Some(Box::new(begin));
        Self { source, position, begin, credentials: None, course: course(last) }
    }

    /// What becomes of this reader when it lags, instead of what the set says. It goes before the
    /// `on_lag` key of the route that returns it.
    pub fn on_lag(mut self, on_lag: OnLag) -> Self {
        self.set_on_lag(on_lag, false);
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
        self.enter_as(Box::new(Who::new(key, info)?));
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
    /// back with it misses nothing unsaid: until a reset is told, this is what the reader came with. Of a
    /// [merged](Self::merge) one it is the place in one of its sets: what a client comes back with is
    /// [`last_event_id`](Self::last_event_id).
    pub fn position(&self) -> Position {
        self.position
    }

    /// What a client comes back with: the reader's place, in all of its sets if it has several. It stands in
    /// the `id:` of each event; a socket that forwards messages sends it beside each.
    pub fn last_event_id(&self) -> LastEventId {
        self.source.places().unwrap_or_else(|| self.position.into())
    }

    /// How it was ended by name ([`ClientSet::disconnect`](super::ClientSet::disconnect)), once
    /// [`recv`](Subscription::recv) has said `None` for that.
    pub fn ending(&self) -> Option<&Ending> {
        match self.end() {
            Some(End::Told(ending)) => Some(ending),
            _ => None,
        }
    }

    /// The next message, or word of what is missing; `None` when the set is gone, the reader was
    /// disconnected for lagging or by name, its last message was given, or its credentials have ended, and where its client's address was sent
    /// too much again ([`Limits::replayed_bytes`](crate::Limits::replayed_bytes)): then the connection is
    /// being closed already.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn recv(&mut self) -> Option<Delivery<T>> {
        if let Some(probe) = self.begin.as_ref().and_then(|begin| begin.probe.clone()) {
            let is_open = timeout(OPENS_WITHIN, self.opened()).await.is_ok();
            probe.found(is_open.then(|| self.heads())).await;
            return None;
        }
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
            if start.is_over {
                self.course = Course::Ended(End::Over);
            }
        }
        Poll::Ready(())
    }

    /// Whether that is not known yet.
    pub(crate) fn is_opening(&self) -> bool {
        self.comes_with().is_some()
    }

    /// What it comes with, where that is not known yet.
    pub(super) fn comes_with(&self) -> Option<LastEventId> {
        self.begin.as_ref()?.opening
    }

    pub(crate) fn set_on_lag(&mut self, on_lag: OnLag, default: bool) {
        self.source.set_on_lag(on_lag, default);
    }

    pub(super) fn enter_as(&mut self, who: Box<Who>) {
        self.source.enter_as(who);
    }

    /// It is told to end by this, as one of the connections that can be named.
    pub(crate) fn is_named(&mut self, leash: &Arc<Leash>) {
        self.source.is_named(leash);
    }

    pub(crate) fn join(&mut self) {
        self.source.join();
    }

    pub(super) fn grew(&self, position: Position, bytes: usize) {
        self.source.grew(position, bytes);
    }

    /// Whether the message that its client has seen last is such a one.
    pub(super) fn has_seen(&self, such: &dyn Fn(&T) -> bool) -> bool {
        self.course == Course::CameBack && self.source.has_seen(self.position, such)
    }

    pub(super) fn head(&self) -> Position {
        self.begin.as_ref().map_or(self.position, |begin| begin.head)
    }

    /// Where its sets stood when this reader, which is not read yet, subscribed.
    pub(crate) fn heads(&self) -> LastEventId {
        self.source.heads().unwrap_or_else(|| self.head().into())
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

    /// How many messages it had not read when it was disconnected for lagging, if it was.
    pub(crate) fn lagged(&self) -> Option<u64> {
        match self.end() {
            Some(End::Lagged { missed }) => Some(*missed),
            _ => None,
        }
    }

    /// How it ended, where it was not the set's end.
    pub(crate) fn end(&self) -> Option<&End> {
        match &self.course {
            Course::Ended(end) => Some(end),
            Course::Fresh | Course::CameBack => None,
        }
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
}

impl<T: Message + 'static> Subscription<T> {
    /// A message that it gave, as an event; encoded once for all readers that share it.
    pub(crate) fn event(
        &self,
        position: Position,
        message: &Received<T>,
    ) -> Result<Block, EncodeError> {
        let mut made = 0;
        let block = message.sse(Some(position), &mut made);
        if made > 0 {
            self.source.grew(position, made);
        }
        match self.source.places() {
            Some(places) => Ok(block?.with_id(&position, &places)),
            None => block,
        }
    }

    /// The same of one that has no place.
    pub(crate) fn unplaced(&self, message: &Received<T>) -> Result<Block, EncodeError> {
        message.sse(None, &mut 0)
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
