//! The task that reads the log for a roster.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::task::yield_now;
use tokio::time::Instant;

use super::bell::Bell;
use super::feed::{Feed, Found};
use super::gathering::Gathering;
use super::group::{Roster, Sender};
use crate::broadcast::{Core, LogReader};
use crate::message::Message;

/// Ends when nobody is on its roster any more, or with the set.
pub(super) struct Relay<T> {
    roster: Arc<Roster>,
    /// Follows the roster's feed, and waits for what comes behind it.
    reader: LogReader<T>,
    /// Whether the thread has looked at its sockets since it was woken, or since a long round.
    settled: bool,
    /// What wakes it for what is broadcast, once it has been polled.
    bell: Option<(Arc<Bell>, Waker)>,
    /// Since it was woken by another thread.
    gathering: Option<Gathering>,
}

impl<T> Relay<T> {
    pub(super) fn new(core: Arc<Core<T>>, roster: Arc<Roster>, cursor: u64) -> Self {
        let reader = LogReader::new(core, cursor);
        Self { roster, reader, settled: false, bell: None, gathering: None }
    }

    fn core(&self) -> &Arc<Core<T>> {
        self.reader.log()
    }
}

impl<T: Message> Relay<T> {
    fn find(&mut self, feed: &mut Feed, task: &Waker) -> Found {
        // The waker of a task that was spawned is always the same.
        let (bell, waker) = self.bell.get_or_insert_with(|| {
            let bell = Bell::new(task);
            (Arc::clone(&bell), Waker::from(bell))
        });
        bell.silence();
        self.gathering = None;
        if feed.cursor > self.reader.cursor() {
            self.reader.skip_to(feed.cursor);
        }
        let cx = &mut Context::from_waker(waker);
        feed.find(&mut self.reader, self.roster.wire(), |reader| reader.poll_next(cx))
    }

    /// Whether another thread has broadcast, and may be about to go on.
    fn gathers(&mut self) -> bool {
        if !self.bell.as_ref().is_some_and(|(bell, _)| bell.was_rung_from_afar()) {
            return false;
        }
        let (now, kept) = (Instant::now(), self.core().window());
        let gathering = self.gathering.get_or_insert_with(|| Gathering::new(now));
        gathering.goes_on(now, kept.next, self.roster.len()) && !self.is_pressed()
    }

    /// Whether the log will soon evict what the relay has not read: it must not wait then, and others of
    /// the thread must wait for the end of the round, for it may be they who broadcast.
    fn is_pressed(&self) -> bool {
        let cursor = self.roster.feed().cursor;
        self.core().is_pressed(cursor)
    }
}

impl<T: Message> Future for Relay<T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        loop {
            let roster = Arc::clone(&this.roster);
            let mut feed = roster.feed();
            if let Some(round) = &mut feed.round {
                if roster.send(round, Sender::Relay) {
                    feed.round = None;
                } else {
                    this.settled = false;
                    if this.core().is_pressed(feed.cursor) {
                        continue;
                    }
                }
                // Others that are ready have their turn, whatever a publisher on another thread still
                // has. What comes over sockets waits until the round is over: clients that come faster
                // than they can be told of each other would else overtake the relay.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if roster.is_deserted(cx.waker()) {
                return Poll::Ready(());
            }
            drop(feed);
            if !std::mem::replace(&mut this.settled, true) || this.gathers() {
                // A message seldom comes alone: what is about to be broadcast goes out in one write.
                // Once is enough for who broadcasts on this thread.
                // Woken by itself the task would be next before the runtime has looked at a socket.
                // Pending at first, and nothing of the future is needed after that.
                let _ = pin!(yield_now()).poll(cx);
                return Poll::Pending;
            }
            let mut feed = roster.feed();
            match this.find(&mut feed, cx.waker()) {
                Found::Batch(round) => feed.round = Some(round),
                Found::Nothing => {
                    this.settled = false;
                    return Poll::Pending;
                }
                Found::Trouble => this.roster.hand_back(),
                Found::Closed => {
                    this.roster.hand_back();
                    return Poll::Ready(());
                }
            }
        }
    }
}

/// Nothing of it is pinned.
impl<T> Unpin for Relay<T> {}

impl<T> Drop for Relay<T> {
    fn drop(&mut self) {
        self.core().relays().close(&self.roster);
        // Whoever is on the roster still must not wait for it.
        self.roster.hand_back();
    }
}
