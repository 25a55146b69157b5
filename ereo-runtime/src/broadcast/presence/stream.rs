//! The news of a set's presence as a stream: [`PresenceEvents`].

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use tokio::time::{Sleep, sleep_until};

use super::Presence;
use super::event::PresenceEvent;
use super::messages::{OfPresence, PresenceMessages};
use crate::charge::payer;
use crate::log::{Next, Reader};
use crate::sync::Arc;

/// Who is in a set, and who joins and leaves; see [`ClientSet::presence`](crate::broadcast::ClientSet::presence).
///
/// A stream of messages: returned from an `#[sse]` function it is the response. It ends when the
/// last handle of the set is dropped.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[sse("/rooms/{room}/presence")]
/// async fn presence(room: String, set: Data<ClientSet<String>>) -> PresenceEvents {
///     set.room(&room).presence()
/// }
/// ```
pub struct PresenceEvents {
    presence: Arc<Presence>,
    reader: Reader<PresenceEvent>,
    /// Whether what was told does not say who is there: at first, and after a lag.
    outdated: bool,
    /// Whether all members were told once, or are not to be: the client's address had too much.
    begun: Begun,
    /// Goes off when the next one who is away will have left.
    timer: Option<Pin<Box<Sleep>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    NotYet,
    Yes,
    Refused,
}

impl PresenceEvents {
    pub(super) fn new(presence: Arc<Presence>, reader: Reader<PresenceEvent>) -> Self {
        Self { presence, reader, outdated: true, begun: Begun::NotYet, timer: None }
    }

    /// The next event; `None` when the set is gone, or the client's address was sent too much already to get
    /// all members now ([`Limits::replayed_bytes`](crate::Limits::replayed_bytes)).
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn recv(&mut self) -> Option<PresenceEvent> {
        poll_fn(|cx| self.poll_event(cx)).await
    }

    /// The same news as messages of one's own, for a route's clients.
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// #[derive(Clone, Serialize, Message)]
    /// #[serde(tag = "type", rename_all = "snake_case")]
    /// enum Told { Said { text: String }, Here { keys: Vec<String> }, Came { key: String }, Went { key: String } }
    ///
    /// impl From<PresenceEvent> for Told {
    ///     fn from(event: PresenceEvent) -> Self {
    ///         let key = |member: ereo_runtime::broadcast::Member| member.key().to_owned();
    ///         match event {
    ///             PresenceEvent::Left(member) => Self::Went { key: key(member) },
    ///             PresenceEvent::Joined(member) | PresenceEvent::Updated(member) => Self::Came { key: key(member) },
    ///             PresenceEvent::Members { members } | PresenceEvent::Incomplete { members } => {
    ///                 Self::Here { keys: members.into_iter().map(key).collect() }
    ///             }
    ///             _ => Self::Here { keys: Vec::new() },
    ///         }
    ///     }
    /// }
    ///
    /// #[sse("/rooms/{room}/who")]
    /// async fn who(room: String, set: Data<ClientSet<Told>>) -> impl Stream<Item = Told> {
    ///     set.room(room).presence().into_messages()
    /// }
    ///
    /// /// What is said, and who comes and goes, in one stream.
    /// #[sse("/rooms/{room}/all")]
    /// async fn all(room: String, set: Data<ClientSet<Told>>, last: LastEventId) -> Subscription<Told> {
    ///     let room = set.room(room);
    ///     room.subscribe(last).with_presence(room.presence())
    /// }
    /// ```
    pub fn into_messages<M: OfPresence>(self) -> PresenceMessages<M> {
        PresenceMessages::new(self, M::from)
    }

    /// Charges all members once: whoever comes gets them, as often as it comes.
    fn pays_for(&mut self, members: &PresenceEvent) -> bool {
        let bytes = || members.cost() as u64;
        if self.begun == Begun::NotYet {
            let refused = payer().is_some_and(|payer| payer.pay(bytes()).is_err());
            self.begun = if refused { Begun::Refused } else { Begun::Yes };
        }
        self.begun == Begun::Yes
    }

    /// All who are there, once that is known; none where the set is gone before.
    fn poll_snapshot(&mut self, cx: &mut Context<'_>) -> Poll<Option<PresenceEvent>> {
        loop {
            if let Some(members) = self.presence.snapshot(&mut self.reader) {
                return Poll::Ready(Some(members));
            }
            match self.reader.poll_next(cx) {
                Poll::Ready(Next::Closed) => return Poll::Ready(None),
                // It is in the snapshot.
                Poll::Ready(_) => {}
                // Parked, it is woken when it is known from here on.
                Poll::Pending if self.presence.is_known() => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    pub(in crate::broadcast) fn poll_event(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<PresenceEvent>> {
        if self.begun == Begun::Refused {
            return Poll::Ready(None);
        }
        loop {
            if self.outdated {
                if let Some(members) = ready!(self.poll_snapshot(cx)) {
                    self.outdated = false;
                    return Poll::Ready(self.pays_for(&members).then_some(members));
                }
                return Poll::Ready(None);
            }
            match self.reader.poll_next(cx) {
                Poll::Ready(Next::Entry(_, event) | Next::Aside(event)) => {
                    return Poll::Ready(Some(event));
                }
                Poll::Ready(Next::Lagged(_) | Next::Unreadable(_)) => {
                    self.outdated = true;
                    continue;
                }
                Poll::Ready(Next::Closed) => return Poll::Ready(None),
                Poll::Pending => {}
            }
            // Asked only when the reader is parked: who goes away from here on wakes it.
            let (left, deadline) = self.presence.settle();
            if left {
                continue;
            }
            let Some(deadline) = deadline else {
                self.timer = None;
                return Poll::Pending;
            };
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            if timer.deadline() != deadline {
                timer.as_mut().reset(deadline);
            }
            ready!(timer.as_mut().poll(cx));
        }
    }
}

impl Stream for PresenceEvents {
    type Item = PresenceEvent;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<PresenceEvent>> {
        self.get_mut().poll_event(cx)
    }
}

impl Drop for PresenceEvents {
    fn drop(&mut self) {
        self.presence.reader_left();
    }
}

impl fmt::Debug for PresenceEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresenceEvents").finish_non_exhaustive()
    }
}
