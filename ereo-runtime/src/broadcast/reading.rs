//! The next item of a subscription: its beginning, its source's items, its end.

use std::ops::ControlFlow;
use std::task::{Context, Poll, ready};

use super::delivery::{Beginning, Delivery, End, Reset};
use super::item::Item;
use super::source::StreamItem;
use super::subscription::{Begin, Course, Subscription};
use crate::charge::payer;
use crate::wire::Framing;

impl<T: 'static> Subscription<T> {
    /// Whether the first thing to tell is that messages are missing.
    pub(crate) fn starts_with_reset(&self) -> bool {
        self.begin.is_some() && self.beginning().resets()
    }

    pub(super) fn beginning(&self) -> Beginning {
        match self.begin.as_deref() {
            Some(Begin { reset: Some(_), .. }) => {
                Beginning { is_reset: true, ..Beginning::default() }
            }
            Some(Begin { given, .. }) if *given > 0 => {
                Beginning { given: *given, known: 1, is_reset: false }
            }
            _ => self.source.beginning(),
        }
    }

    /// Begins, and gives what is to be told of that.
    pub(super) fn open(&mut self) -> Option<Reset> {
        let begin = self.begin.take()?;
        let Some(reset) = begin.reset else { return self.source.open() };
        self.source.join();
        self.position = begin.head;
        Some(reset)
    }

    /// What comes next, for code that reads.
    pub(crate) fn poll_delivery(&mut self, cx: &mut Context<'_>) -> Poll<Option<Delivery<T>>> {
        loop {
            return Poll::Ready(match ready!(self.poll_item(cx)) {
                Some(Item::Message(position, message)) => {
                    Some(Delivery::Message { position, message })
                }
                Some(Item::Unplaced(message)) => {
                    Some(Delivery::Message { position: self.position, message })
                }
                Some(Item::Reset(Reset { reason, missed }, position)) => {
                    Some(Delivery::Reset { reason, missed, position })
                }
                Some(Item::Ended(End::Expired)) => Some(Delivery::Expired),
                Some(Item::PassedOver(_) | Item::Batch(..)) => continue,
                Some(Item::Ended(_)) | None => None,
            });
        }
    }

    /// What comes next, one message at a time. Of its ends only the one that is told comes, [`End::Expired`].
    pub(super) fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem<T>>> {
        if let ControlFlow::Break(item) = ready!(self.poll_before(cx)) {
            return Poll::Ready(item);
        }
        let item = ready!(self.source.poll_item(cx));
        Poll::Ready(item.and_then(|item| self.reached(item)))
    }

    /// The same for a connection, framed like this; several messages at once may come as a batch.
    pub(crate) fn poll_batched(
        &mut self,
        framing: Framing,
        cx: &mut Context<'_>,
    ) -> Poll<Option<StreamItem<T>>> {
        if let ControlFlow::Break(item) = ready!(self.poll_before(cx)) {
            return Poll::Ready(item);
        }
        let until = self.credentials.as_ref().and_then(|credentials| credentials.end());
        let item = ready!(self.source.poll_batched(framing, until, cx));
        Poll::Ready(item.and_then(|item| self.reached(item)))
    }

    /// The same for a reader of several sets, of which this is one, and which has [opened](Self::open) it.
    pub(super) fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem<T>>> {
        if let Some(end) = self.poll_ended(cx) {
            return Poll::Ready(Some(Item::Ended(end)));
        }
        let item = ready!(self.source.poll_item(cx));
        self.stands_behind(item.as_ref());
        Poll::Ready(item)
    }

    fn stands_behind(&mut self, item: Option<&StreamItem<T>>) {
        if let Some(position) = item.and_then(Item::place) {
            self.position = *position;
        }
    }

    /// How it has ended, by its credentials too: nothing goes out once they have.
    fn poll_ended(&mut self, cx: &mut Context<'_>) -> Option<End> {
        if let Course::Ended(end) = &self.course {
            return Some(end.clone());
        }
        self.credentials.as_mut()?.poll_ended(cx).is_ready().then_some(End::Expired)
    }

    /// What goes before all that the source has.
    fn poll_before(&mut self, cx: &mut Context<'_>) -> Poll<ControlFlow<Option<StreamItem<T>>>> {
        let had_ended = self.end().is_some();
        if let Some(end) = self.poll_ended(cx) {
            let is_news = !had_ended && end == End::Expired;
            self.course = Course::Ended(end);
            return Poll::Ready(ControlFlow::Break(is_news.then_some(Item::Ended(End::Expired))));
        }
        if self.begin.is_none() {
            return Poll::Ready(ControlFlow::Continue(()));
        }
        ready!(self.poll_opened(cx));
        Poll::Ready(self.begins())
    }

    /// What a reader is told first that comes back, or whose set had to be asked.
    fn begins(&mut self) -> ControlFlow<Option<StreamItem<T>>> {
        if self.end().is_some() {
            // Its last message was given before it came back.
            return ControlFlow::Break(None);
        }
        let Some(begin) = &mut self.begin else { return ControlFlow::Continue(()) };
        let payer = begin.payer.take().or_else(payer);
        if payer.is_some_and(|payer| payer.pay(self.source.replayed()).is_err()) {
            self.course = Course::Ended(End::Refused);
            return ControlFlow::Break(None);
        }
        let resets = self.beginning().resets();
        let reset = self.open();
        if resets {
            if let Some(first) = self.source.places().and_then(|places| places.position()) {
                self.position = first;
            }
            let reset = reset.unwrap_or(Reset::FOREIGN);
            return ControlFlow::Break(Some(Item::Reset(reset, self.position)));
        }
        ControlFlow::Continue(())
    }

    /// Goes on behind an item, or ends with it.
    fn reached(&mut self, item: StreamItem<T>) -> Option<StreamItem<T>> {
        self.stands_behind(Some(&item));
        let Item::Ended(end) = item else { return Some(item) };
        // Whose code reads it, if that is a connection's.
        if let End::Told(ending) = &end
            && let Some(payer) = payer()
        {
            payer.end(ending);
        }
        let is_expired = end == End::Expired;
        self.course = Course::Ended(end);
        is_expired.then_some(Item::Ended(End::Expired))
    }
}
