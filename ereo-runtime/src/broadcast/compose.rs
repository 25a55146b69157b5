//! Subscriptions that are made of others: what one client sees of one set, or of several.

use std::fmt::Display;

use serde::Serialize;

use super::delivery::End;
use super::leash::Leash;
use super::mailboxes::DirectQueue;
use super::member_of::MemberOf;
use super::merge::Merge;
use super::presence::member::Who;
use super::presence::{OfPresence, PresenceEvents};
use super::probe::probe;
use super::set::ClientSet;
use super::subscription::{Begin, Course, Subscription};
use super::views::{Filter, Map, StartingWith, TakeUntil, WithPresence};
use crate::charge::payer;
use crate::log::LastEventId;
use crate::message::{EncodeError, Sendable};
use crate::sync::Arc;

impl<T: 'static> Subscription<T> {
    /// Leaves out the messages that `keep` does not want; the position goes on over them.
    pub fn filter(self, keep: impl Fn(&T) -> bool + 'static) -> Self {
        let source = Box::new(Filter { source: self.source, keep: Box::new(keep) });
        Self { source, ..self }
    }

    /// Shows every message to this client as `view` makes it. It is then encoded for this client
    /// alone; prefer a set of what all may see where many clients share one view.
    pub fn map<U: 'static>(self, view: impl Fn(&T) -> U + 'static) -> Subscription<U> {
        let Self { source, position, begin, credentials, course } = self;
        let source = Box::new(Map { source, view: Box::new(view) });
        Subscription { source, position, begin, credentials, course }
    }

    /// Ends with the first message that is `last`: it is sent, then the end for good (`event: ereo.end`). A
    /// client that comes back nevertheless, with the position of that message or behind the end, is answered
    /// 204, and [`recv`](Self::recv) is `None` at once.
    ///
    /// Messages that [`filter`](Self::filter) left out before are not seen; [`map`](Self::map) and
    /// [`starting_with`](Self::starting_with) before it are.
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// #[derive(Clone, Serialize, Message)]
    /// #[serde(rename_all = "snake_case")]
    /// enum Progress { Step { done: u32 }, Finished }
    ///
    /// #[sse("/orders/{order}/progress")]
    /// async fn progress(
    ///     order: u64,
    ///     set: Data<ClientSet<Progress>>,
    ///     last: LastEventId,
    /// ) -> Subscription<Progress> {
    ///     let is_last = |progress: &Progress| matches!(progress, Progress::Finished);
    ///     set.room(order).subscribe(last).take_until(is_last)
    /// }
    /// ```
    pub fn take_until(self, last: impl Fn(&T) -> bool + 'static) -> Self {
        let is_over = self.has_seen(&last);
        let over = is_over.then_some(Course::Ended(End::Over));
        let course = over.unwrap_or_else(|| self.course.clone());
        let source = Box::new(TakeUntil { source: self.source, last: Box::new(last), is_over });
        Self { source, course, ..self }
    }

    /// Sends `first` to this client before what the set has for it, also before what is replayed, and behind
    /// the word that messages are missing. It has no position: a client that comes back is sent another.
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// #[derive(Clone, Serialize, Message)]
    /// #[serde(rename_all = "snake_case")]
    /// enum Feed { Connected { online: usize }, Line(String) }
    ///
    /// #[sse("/feed")]
    /// async fn feed(set: Data<ClientSet<Feed>>, last: LastEventId) -> Subscription<Feed> {
    ///     set.subscribe(last).starting_with(Feed::Connected { online: set.len() })
    /// }
    /// ```
    pub fn starting_with(self, first: T) -> Self {
        let source = Box::new(StartingWith { source: self.source, first: Some(first) });
        Self { source, ..self }
    }

    /// Sends who is there as well, and who comes and goes, beside what the set has: as messages without
    /// position, made of each [`PresenceEvent`](super::PresenceEvent). The first says all who are there, so that a
    /// client that comes back has missed nothing. See [`PresenceEvents::into_messages`] for an example.
    pub fn with_presence(self, presence: PresenceEvents) -> Self
    where
        T: OfPresence,
    {
        let source = WithPresence { source: self.source, presence: Some(presence), view: T::from };
        Self { source: Box::new(source), ..self }
    }

    /// Makes the reader a connection of the member `key` in `set` too, a set or room of any kind, beside those
    /// of its own ([`as_member`](Self::as_member)): from its first read, and until it is dropped. It does not
    /// read there.
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// #[sse("/rooms/{room}/feed")]
    /// async fn feed(
    ///     room: String,
    ///     rooms: Data<ClientSet<String>>,
    ///     everybody: Data<ClientSet<Event>>,
    ///     last: LastEventId,
    /// ) -> Result<Subscription<String>, ereo_runtime::EncodeError> {
    ///     let reading = rooms.room(room).subscribe(last).as_member("ann", "reading")?;
    ///     reading.as_member_of(&everybody, "ann", "online")
    /// }
    /// ```
    ///
    /// # Errors
    /// The errors of [`as_member`](Self::as_member).
    pub fn as_member_of<U: Sendable + 'static, I: Serialize + ?Sized>(
        self,
        set: &ClientSet<U>,
        key: impl Display,
        info: &I,
    ) -> Result<Self, EncodeError> {
        let (set, who) = (set.clone(), Who::new(key, info)?);
        let enters = move |leash: &Arc<Leash>| {
            set.enter_as(who, leash.seat(), Arc::clone(leash) as Arc<dyn DirectQueue>)
        };
        let source = Box::new(MemberOf::new(self.source, enters));
        Ok(Self { source, ..self })
    }

    /// One stream of this and `other`, of other sets or rooms, with one position for all: a client that comes
    /// back with it goes on in each. Sets of other types are brought to one by [`map`](Self::map).
    ///
    /// Give each the same [`LastEventId`](crate::LastEventId). The order of each set is kept, that between sets is not. What keeps
    /// one of them from going on, or a position that has not one place for each, is told as one
    /// [`Reset`](crate::Delivery::Reset) before all else. The stream ends when all have ended, and when one
    /// of them is disconnected for lagging, or has no credentials any more. Fifteen sets fit into a position;
    /// clients of more are reset whenever they come back, and so are those of one set that is merged twice.
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    ///
    /// #[derive(Clone, Serialize, Message)]
    /// struct Notice { text: String }
    ///
    /// #[derive(Clone, Serialize, Message)]
    /// struct Order { id: u64 }
    ///
    /// #[derive(Clone, Serialize, Message)]
    /// #[serde(rename_all = "snake_case")]
    /// enum Feed { Notice(Notice), Order(Order) }
    ///
    /// #[sse("/{user}/feed")]
    /// async fn feed(
    ///     user: String,
    ///     notices: Data<ClientSet<Notice>>,
    ///     orders: Data<ClientSet<Order>>,
    ///     last: LastEventId,
    /// ) -> Subscription<Feed> {
    ///     let own = notices.room(user).subscribe(last).merge(notices.subscribe(last));
    ///     let orders = orders.subscribe(last).map(|order| Feed::Order(order.clone()));
    ///     own.map(|notice| Feed::Notice(notice.clone())).merge(orders)
    /// }
    /// ```
    pub fn merge(self, other: Self) -> Self {
        let (position, head) = (self.position, self.head());
        let are_over = [&self, &other].map(|reader| reader.course == Course::Ended(End::Over));
        let course =
            if are_over == [true; 2] { Course::Ended(End::Over) } else { Course::CameBack };
        let comes_with = [&self, &other].into_iter().filter_map(Self::comes_with);
        let opening = comes_with.max_by_key(LastEventId::len);
        let (payer, probe) = (payer(), probe());
        let begin = Some(Box::new(Begin { head, reset: None, opening, given: 0, payer, probe }));
        let source = Box::new(Merge::new(self, other));
        Self { source, position, begin, credentials: None, course }
    }
}
