//! Views of a source: other sources around it.

use std::task::{Context, Poll, ready};

use tokio::time::Instant;

use super::delivery::{Beginning, End, Reset};
use super::entry::Received;
use super::item::Item;
use super::leash::Leash;
use super::on_lag::OnLag;
use super::order::Start;
use super::presence::member::Who;
use super::presence::{PresenceEvent, PresenceEvents};
use super::room_full::RoomFull;
use super::source::{Source, StreamItem};
use crate::fanout::Sink;
use crate::log::{LastEventId, Position};
use crate::sync::Arc;
use crate::wire::Framing;

/// What a view leaves to the source within.
macro_rules! leaves_to_source {
    ($($method:ident)*) => {$(leaves_to_source!(@ $method);)*};
    (@ join) => {
        fn join(&mut self) {
            self.source.join();
        }
    };
    (@ reader) => {
        fn claim(&mut self) -> Result<(), RoomFull> {
            self.source.claim()
        }

        fn set_on_lag(&mut self, on_lag: OnLag, default: bool) {
            self.source.set_on_lag(on_lag, default);
        }

        fn enter_as(&mut self, who: Box<Who>) {
            self.source.enter_as(who);
        }

        fn is_named(&mut self, leash: &Arc<Leash>) {
            self.source.is_named(leash);
        }

        fn replayed(&self) -> u64 {
            self.source.replayed()
        }

        fn places(&self) -> Option<LastEventId> {
            self.source.places()
        }

        fn heads(&self) -> Option<LastEventId> {
            self.source.heads()
        }

        fn beginning(&self) -> Beginning {
            self.source.beginning()
        }

        fn open(&mut self) -> Option<Reset> {
            self.source.open()
        }
    };
    (@ opens) => {
        fn poll_open(&mut self, last: LastEventId, cx: &mut Context<'_>) -> Poll<Start> {
            self.source.poll_open(last, cx)
        }
    };
    (@ grew) => {
        fn grew(&self, position: Position, bytes: usize) {
            self.source.grew(position, bytes);
        }
    };
    (@ relayed) => {
        fn relay_into(&mut self, sink: &Arc<dyn Sink>) {
            self.source.relay_into(sink);
        }

        fn is_relayed(&self) -> bool {
            self.source.is_relayed()
        }

        fn catch_up(&mut self) -> Option<Position> {
            self.source.catch_up()
        }
    };
}

/// Only the messages that `keep` wants.
pub(super) struct Filter<T> {
    pub(super) source: Box<dyn Source<T>>,
    pub(super) keep: Box<dyn Fn(&T) -> bool>,
}

impl<T> Source<T> for Filter<T> {
    leaves_to_source!(join reader opens grew);

    fn has_seen(&self, position: Position, such: &dyn Fn(&T) -> bool) -> bool {
        self.source.has_seen(position, &|message| (self.keep)(message) && such(message))
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem<T>>> {
        loop {
            return Poll::Ready(match ready!(self.source.poll_item(cx)) {
                Some(Item::Message(position, message)) if !(self.keep)(&message) => {
                    Some(Item::PassedOver(position))
                }
                // Without a place there is nothing to go on over.
                Some(Item::Unplaced(message)) if !(self.keep)(&message) => continue,
                item => item,
            });
        }
    }
}

/// Every message as `view` shows it to this one client.
pub(super) struct Map<T, U> {
    pub(super) source: Box<dyn Source<T>>,
    pub(super) view: Box<dyn Fn(&T) -> U>,
}

impl<T, U> Source<U> for Map<T, U> {
    leaves_to_source!(join reader opens);

    fn has_seen(&self, position: Position, such: &dyn Fn(&U) -> bool) -> bool {
        self.source.has_seen(position, &|message| such(&(self.view)(message)))
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem<U>>> {
        let view = |message: Received<T>| Received::own((self.view)(&message));
        Poll::Ready(ready!(self.source.poll_item(cx)).map(|item| item.map(view)))
    }
}

/// Every message up to and with the first that is `last`.
pub(super) struct TakeUntil<T> {
    pub(super) source: Box<dyn Source<T>>,
    pub(super) last: Box<dyn Fn(&T) -> bool>,
    /// Whether that one was given.
    pub(super) is_over: bool,
}

impl<T> Source<T> for TakeUntil<T> {
    leaves_to_source!(join reader grew);

    fn poll_open(&mut self, last: LastEventId, cx: &mut Context<'_>) -> Poll<Start> {
        let mut start = ready!(self.source.poll_open(last, cx));
        // Only now it is known what its client has seen last.
        self.is_over = last.len() > 0 && self.source.has_seen(start.position, &self.last);
        start.is_over |= self.is_over;
        Poll::Ready(start)
    }

    fn has_seen(&self, position: Position, such: &dyn Fn(&T) -> bool) -> bool {
        self.source.has_seen(position, such)
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem<T>>> {
        if self.is_over {
            return Poll::Ready(Some(Item::Ended(End::Over)));
        }
        let item = ready!(self.source.poll_item(cx));
        if let Some(Item::Message(_, message) | Item::Unplaced(message)) = &item {
            self.is_over = (self.last)(message);
        }
        Poll::Ready(item)
    }
}

/// A message before all others.
pub(super) struct StartingWith<T> {
    pub(super) source: Box<dyn Source<T>>,
    /// Gone once it was given.
    pub(super) first: Option<T>,
}

impl<T> StartingWith<T> {
    fn first(&mut self) -> Option<StreamItem<T>> {
        let first = self.first.take()?;
        // A client counts from the start of its response.
        self.source.join();
        Some(Item::Unplaced(Received::own(first)))
    }
}

impl<T> Source<T> for StartingWith<T> {
    leaves_to_source!(join reader opens grew relayed);

    fn has_seen(&self, position: Position, such: &dyn Fn(&T) -> bool) -> bool {
        self.source.has_seen(position, such)
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem<T>>> {
        match self.first() {
            Some(first) => Poll::Ready(Some(first)),
            None => self.source.poll_item(cx),
        }
    }

    fn poll_batched(
        &mut self,
        framing: Framing,
        until: Option<Instant>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<StreamItem<T>>> {
        match self.first() {
            Some(first) => Poll::Ready(Some(first)),
            None => self.source.poll_batched(framing, until, cx),
        }
    }
}

/// Who is there beside the messages.
pub(super) struct WithPresence<T> {
    pub(super) source: Box<dyn Source<T>>,
    /// Gone once the set is, whose readers go on to the end of what it has.
    pub(super) presence: Option<PresenceEvents>,
    pub(super) view: fn(PresenceEvent) -> T,
}

impl<T> Source<T> for WithPresence<T> {
    leaves_to_source!(join reader opens grew);

    fn has_seen(&self, position: Position, such: &dyn Fn(&T) -> bool) -> bool {
        self.source.has_seen(position, such)
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem<T>>> {
        // A client counts from the start of its response, and is among those who are there.
        self.source.join();
        if let Some(presence) = &mut self.presence {
            match presence.poll_event(cx) {
                Poll::Ready(Some(event)) => {
                    let message = Received::own((self.view)(event));
                    return Poll::Ready(Some(Item::Unplaced(message)));
                }
                Poll::Ready(None) => self.presence = None,
                Poll::Pending => {}
            }
        }
        self.source.poll_item(cx)
    }
}

pub(super) use leaves_to_source;
