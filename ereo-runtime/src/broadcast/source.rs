//! Sources of a subscription's messages: the log, seen whole or through `views`.

use std::task::{Context, Poll, ready};

use tokio::time::Instant;

use super::client::Client;
use super::core::Core;
use super::delivery::{Beginning, End, Reset};
use super::entry::{Entry, Received};
use super::item::Item;
use super::leash::Leash;
use super::on_lag::OnLag;
use super::order::Start;
use super::presence::member::Who;
use super::room_full::RoomFull;
use super::rounds::Round;
use crate::fanout::{Reading, Sink};
use crate::log::{LastEventId, Next, Position, Window};
use crate::message::Message;
use crate::sync::Arc;
use crate::wire::{Format, Framing};

/// What comes next for an event stream, or for code that reads.
pub(crate) type StreamItem<T> = Item<Received<T>, Position>;

/// Items until the set closes.
pub(super) trait Source<T> {
    /// Counts as a client from now on.
    fn join(&mut self);

    /// Waits until it is known where the set stands, where its store has to be asked, and begins there.
    fn poll_open(&mut self, last: LastEventId, cx: &mut Context<'_>) -> Poll<Start>;

    /// Joins where not every client may, and else leaves that to the first step.
    fn claim(&mut self) -> Result<(), RoomFull>;

    /// What becomes of this reader when it lags; only where nothing was said before, for a `default`.
    fn set_on_lag(&mut self, on_lag: OnLag, default: bool);

    /// As whose connection this reader is to count, once it is a client.
    fn enter_as(&mut self, who: Box<Who>);

    /// It is told to end by this, as one of the connections that can be named.
    fn is_named(&mut self, leash: &Arc<Leash>);

    /// How many bytes are kept of what the reader has before it, seen by it or not.
    fn replayed(&self) -> u64;

    /// Whether the message that the reader has seen last, at this place, is such a one: if it is kept.
    fn has_seen(&self, position: Position, such: &dyn Fn(&T) -> bool) -> bool;

    /// The places in all of its sets, where the reader has several.
    fn places(&self) -> Option<LastEventId> {
        None
    }

    /// Where all of its sets stood when it subscribed, where it has several and is not read yet.
    fn heads(&self) -> Option<LastEventId> {
        None
    }

    /// How it begins, where it has several sets.
    fn beginning(&self) -> Beginning {
        Beginning::default()
    }

    /// Begins: from now on it has what `beginning` said behind it.
    fn open(&mut self) -> Option<Reset> {
        None
    }

    /// Lets relays write to `sink` while there is nothing to read. What is not sent to all alike is
    /// left to the reader's own task.
    fn relay_into(&mut self, _: &Arc<dyn Sink>) {}

    /// Whether others send what is broadcast, and nothing else wakes the reader for it.
    fn is_relayed(&self) -> bool {
        false
    }

    /// The position up to which others have sent, if they did since this was last asked.
    fn catch_up(&mut self) -> Option<Position> {
        None
    }

    /// The message at this place, which it gave, takes so many bytes more: it was encoded.
    fn grew(&self, _position: Position, _bytes: usize) {}

    /// The next item, which is no batch.
    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem<T>>>;

    /// The same for a connection, with batches: messages that go to all alike may be several at once, and a
    /// relay may send them until the reader's credentials end.
    fn poll_batched(
        &mut self,
        _: Framing,
        _until: Option<Instant>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<StreamItem<T>>> {
        self.poll_item(cx)
    }
}

/// The set's log itself. Not a client before it joins.
pub(super) struct Direct<T> {
    client: Client<T>,
    /// In which it became a client.
    round: Option<Round>,
}

impl<T> Direct<T> {
    pub(super) fn new(core: Arc<Core<T>>, cursor: u64) -> Self {
        core.will_read_sse();
        Self { client: Client::new(core, cursor), round: None }
    }

    /// The client that it is from now on.
    #[inline]
    fn client(&mut self) -> (&mut Client<T>, Round) {
        let round = self.round.unwrap_or_else(|| self.comes());
        (&mut self.client, round)
    }

    #[cold]
    fn comes(&mut self) -> Round {
        self.client.join();
        let round = self.client.core().clients.rounds.join();
        self.round = Some(round);
        if let Some(who) = self.client.choices.take_enters_as() {
            self.client.enter(*who);
        }
        round
    }

    /// What it still gets that was told to end, and then that.
    #[cold]
    fn last(&mut self, next: Poll<Next<Arc<Entry<T>>>>, round: Round) -> StreamItem<T> {
        let (until, ending) = {
            let told = self.client.told(round);
            (told.until, told.ending.clone())
        };
        // Messages that go before the order may have come with it, behind a look that found nothing.
        let next = if next.is_pending() { self.client.look_again("sse") } else { next };
        match next {
            Poll::Ready(Next::Entry(offset, entry)) if offset < until => {
                Item::Message(self.place(offset), Received::shared(entry))
            }
            Poll::Ready(Next::Aside(entry)) if self.client.cursor() < until => {
                Item::Unplaced(Received::shared(entry))
            }
            _ => Item::Ended(End::Told(Box::new(ending))),
        }
    }

    fn item(&mut self, next: Next<Arc<Entry<T>>>) -> Option<StreamItem<T>> {
        match next {
            Next::Entry(offset, entry) => {
                Some(Item::Message(self.place(offset), Received::shared(entry)))
            }
            Next::Aside(entry) => Some(Item::Unplaced(Received::shared(entry))),
            Next::Closed => None,
            Next::Lagged(kept) => {
                let (client, _) = self.client();
                let overtaken = overtaken(client, kept);
                Some(self.told(overtaken))
            }
            Next::Unreadable(kept) => {
                let (client, _) = self.client();
                let unreadable = unreadable(client, kept);
                Some(self.told(unreadable))
            }
        }
    }

    /// Says what became of it, and where it is now.
    fn told(&self, overtaken: Overtaken) -> StreamItem<T> {
        match overtaken {
            Overtaken::Disconnected(end) => Item::Ended(end),
            Overtaken::Skipped(reset) => {
                Item::Reset(reset, self.client.core().position_before(self.client.cursor()))
            }
        }
    }

    fn place(&self, offset: u64) -> Position {
        self.client.core().position_before(offset + 1)
    }
}

impl<T: Message + 'static> Source<T> for Direct<T> {
    fn join(&mut self) {
        let _ = self.client();
    }

    fn poll_open(&mut self, last: LastEventId, cx: &mut Context<'_>) -> Poll<Start> {
        ready!(self.client.poll_opened(cx));
        let core = self.client.core();
        let (cursor, start) = match last.len() {
            // From then on, whenever it was that it came to be known.
            0 => (core.first_cursor(), Start::at(core.position_before(core.first_cursor()))),
            _ => core.begin(last),
        };
        self.client.begin_at(cursor);
        Poll::Ready(start)
    }

    fn claim(&mut self) -> Result<(), RoomFull> {
        let core = self.client.core();
        if core.settings().max_clients.is_some() || core.refused().is_some() {
            self.client.try_join("sse")?;
        }
        Ok(())
    }

    fn set_on_lag(&mut self, on_lag: OnLag, default: bool) {
        let chosen = self.client.choices.on_lag_mut();
        if !default || chosen.is_none() {
            *chosen = Some(on_lag);
        }
    }

    fn is_named(&mut self, leash: &Arc<Leash>) {
        self.client.is_named(leash);
    }

    fn enter_as(&mut self, who: Box<Who>) {
        match self.round {
            Some(_) => self.client.enter(*who),
            None => *self.client.choices.enters_as() = Some(who),
        }
    }

    fn replayed(&self) -> u64 {
        self.client.core().bytes_from(self.client.cursor())
    }

    fn relay_into(&mut self, sink: &Arc<dyn Sink>) {
        // It counts, even if the connection should be gone before it is read.
        self.client().0.relay_into(sink);
    }

    fn is_relayed(&self) -> bool {
        self.client.is_relayed()
    }

    fn catch_up(&mut self) -> Option<Position> {
        self.client.catch_up().then(|| self.client.core().position_before(self.client.cursor()))
    }

    fn has_seen(&self, position: Position, such: &dyn Fn(&T) -> bool) -> bool {
        let core = self.client.core();
        // The entry is dropped where nothing is locked.
        let seen = |index| core.log().entry(index);
        core.index_of(position).and_then(seen).is_some_and(|entry| such(entry.value()))
    }

    fn grew(&self, position: Position, bytes: usize) {
        let core = self.client.core();
        if let Some(index) = core.index_of(position) {
            core.grew(index, bytes);
        }
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem<T>>> {
        let (client, round) = self.client();
        let next = client.poll_next("sse", cx);
        if client.is_told(round, &next, cx) {
            return Poll::Ready(Some(self.last(next, round)));
        }
        Poll::Ready(self.item(ready!(next)))
    }

    fn poll_batched(
        &mut self,
        framing: Framing,
        until: Option<Instant>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<StreamItem<T>>> {
        let format = Format::Events(framing);
        let (client, round) = self.client();
        let next = client.poll_relayed(Reading { format, client: None, until }, cx);
        if client.is_told(round, &next, cx) {
            return Poll::Ready(Some(self.last(next, round)));
        }
        let next = ready!(next);
        if let Next::Entry(offset, _) = &next
            && let Some(part) = client.several(format, *offset, u64::MAX, None)
        {
            let position = client.core().position_before(part.next());
            return Poll::Ready(Some(Item::Batch(part, position)));
        }
        Poll::Ready(self.item(next))
    }
}

impl<T> Drop for Direct<T> {
    fn drop(&mut self) {
        if let Some(round) = self.round {
            self.client.core().clients.rounds.leave(round);
        }
    }
}

/// What [`OnLag`] made of a client that was overtaken.
pub(super) enum Overtaken {
    Disconnected(End),
    /// It goes on behind what is missing, and is told why.
    Skipped(Reset),
}

/// Does what the reader's own [`OnLag`] says, or else the set's, for every kind of client; and counts.
pub(super) fn overtaken<T>(client: &mut Client<T>, kept: Window) -> Overtaken {
    if let Some(forgotten) = forgotten(client, kept) {
        return forgotten;
    }
    let cursor = match client.choices.on_lag().unwrap_or(client.core().on_lag()) {
        OnLag::Disconnect => {
            let missed = kept.oldest - client.cursor();
            client.core().lag.disconnected(missed);
            tracing::info!(missed, "a reader fell out of the log and is disconnected");
            return Overtaken::Disconnected(End::Lagged { missed });
        }
        OnLag::SkipToOldest => kept.oldest,
        OnLag::KeepLatest => kept.latest(),
    };
    let missed = client.skip_to(cursor);
    client.core().lag.skipped(missed);
    tracing::info!(missed, "a reader fell out of the log and skips");
    Overtaken::Skipped(Reset::lagged(missed))
}

/// The same of one that has come to what nobody can read. It is not slow, and stays.
pub(super) fn unreadable<T>(client: &mut Client<T>, kept: Window) -> Overtaken {
    forgotten(client, kept)
        .unwrap_or_else(|| Overtaken::Skipped(Reset::unreadable(client.skip_to(kept.oldest))))
}

/// Of a client whose store has forgotten what it has seen: not of its doing, so that nobody is disconnected for it.
fn forgotten<T>(client: &mut Client<T>, kept: Window) -> Option<Overtaken> {
    client.core().has_forgotten(client.cursor()).then(|| {
        client.skip_to(kept.next);
        Overtaken::Skipped(Reset::FOREIGN)
    })
}

#[cfg(test)]
mod tests {
    use std::task::Waker;
    use std::time::Duration;

    use super::*;
    use crate::broadcast::Who;
    use crate::{ClientSet, Ending};

    #[test]
    fn what_nobody_can_read_is_told_as_that_though_it_is_evicted_behind_the_look() {
        let set = ClientSet::<String>::new();
        let mut reader = Direct::new(Arc::clone(set.core()), set.core().window().next);
        let mut cx = Context::from_waker(Waker::noop());
        drop(set.core().log().push_unreadable(|| Duration::ZERO));
        let Poll::Ready(looked) = reader.client().0.poll_next("sse", &mut cx) else {
            unreachable!("there is something")
        };
        drop(set.core().log().skip_to(5));
        let told = reader.item(looked);
        assert!(matches!(told, Some(Item::Reset(reset, _)) if reset == Reset::unreadable(1)));
        let Poll::Ready(Next::Lagged(kept)) = reader.client().0.poll_next("sse", &mut cx) else {
            unreachable!("the others are gone")
        };
        assert_eq!(kept, Window { oldest: 5, next: 5 });
    }

    #[test]
    fn what_goes_before_an_order_goes_out_where_both_came_behind_a_look() {
        const GONE: Ending = Ending::code(4000, "gone");
        let set = ClientSet::<String>::new();
        let mut reader = Direct::new(Arc::clone(set.core()), set.core().window().next);
        let mut cx = Context::from_waker(Waker::noop());
        let (client, round) = reader.client();
        let looked = client.poll_next("sse", &mut cx);
        assert!(looked.is_pending());
        set.broadcast(&"before".to_owned()).unwrap();
        assert_eq!(set.disconnect(Who::All, GONE), 1);
        set.broadcast(&"behind".to_owned()).unwrap();
        assert!(matches!(reader.last(looked, round), Item::Message(..)));
        let Item::Ended(End::Told(ending)) = reader.last(Poll::Pending, round) else {
            unreachable!("nothing goes out behind the order")
        };
        assert_eq!(*ending, GONE);
    }
}
