//! The task that reads the log for a roster.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::task::yield_now;
use tokio::time::Instant;

use super::bell::Bell;
use super::gathering::Gathering;
use super::roster::{Roster, Round};
use crate::broadcast::batch::{Draft, MESSAGES};
use crate::broadcast::core::{Core, LogReader};
use crate::broadcast::log::Window;
use crate::broadcast::shared::Next;
use crate::message::Message;

/// Ends when nobody is on its roster any more, or with the set.
pub(super) struct Relay<T> {
    roster: Arc<Roster>,
    reader: LogReader<T>,
    round: Option<Box<Round>>,
    /// Whether the thread has looked at its sockets since it was woken, or since a long round.
    settled: bool,
    /// What wakes it for what is broadcast, once it has been polled.
    bell: Option<(Arc<Bell>, Waker)>,
    /// Since it was woken by another thread.
    gathering: Option<Gathering>,
}

/// A round's batch is as large as this at most, but for a last message that is larger by itself.
const BYTES: usize = 64 << 10;

/// What the log has for the roster.
enum Found {
    Batch(Box<Round>),
    Nothing,
    /// The members must see for themselves.
    Trouble,
    Closed,
}

impl<T> Relay<T> {
    pub(super) fn new(core: Arc<Core<T>>, roster: Arc<Roster>, cursor: u64) -> Self {
        let reader = LogReader::new(core, cursor);
        Self { roster, reader, round: None, settled: false, bell: None, gathering: None }
    }

    fn core(&self) -> &Core<T> {
        self.reader.log()
    }
}

impl<T: Message> Relay<T> {
    fn find(&mut self, task: &Waker) -> Found {
        // The waker of a task that was spawned is always the same.
        let (bell, waker) = self.bell.get_or_insert_with(|| {
            let bell = Bell::new(task);
            (Arc::clone(&bell), Waker::from(bell))
        });
        bell.silence();
        self.gathering = None;
        let cx = &mut Context::from_waker(waker);
        let mut draft = Draft::new(self.reader.cursor());
        while draft.size() < BYTES && draft.len() < MESSAGES {
            match self.reader.poll_next(cx) {
                Poll::Ready(Next::Entry(offset, entry)) => {
                    match self.reader.log().piece(self.roster.wire(), offset, &entry) {
                        Ok(piece) => draft.push(piece, entry.except(), entry.at),
                        Err(_) => return self.trouble(offset),
                    }
                }
                Poll::Ready(Next::Lagged(kept)) => return self.trouble(kept.next),
                Poll::Ready(Next::Closed) if draft.len() == 0 => return Found::Closed,
                Poll::Pending if draft.len() == 0 => return Found::Nothing,
                Poll::Ready(Next::Closed) | Poll::Pending => break,
            }
        }
        Found::Batch(Box::new(Round::new(draft.finish())))
    }

    /// Whether another thread has broadcast, and may be about to go on.
    fn gathers(&mut self) -> bool {
        if !self.bell.as_ref().is_some_and(|(bell, _)| bell.was_rung_from_afar()) {
            return false;
        }
        let (now, kept) = (Instant::now(), self.core().window());
        let gathering = self.gathering.get_or_insert_with(|| Gathering::new(now));
        gathering.goes_on(now, kept.next, self.roster.len()) && !self.is_pressed(kept)
    }

    /// Whether the log will soon drop what the relay has not read: it must not wait then, and others of
    /// the thread must wait for the end of the round, for it may be they who broadcast.
    fn is_pressed(&self, kept: Window) -> bool {
        let Window { oldest, next } = kept;
        2 * next.saturating_sub(self.reader.cursor()) > next - oldest
    }

    /// What a member does with its messages from here on is its own matter; the relay goes on where
    /// the log ends now, which is where they will come back at the earliest.
    fn trouble(&mut self, at: u64) -> Found {
        let end = self.core().window().next.max(at);
        self.reader.skip_to(end.max(self.reader.cursor()));
        Found::Trouble
    }
}

impl<T: Message> Future for Relay<T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        loop {
            if let Some(round) = &mut this.round {
                if this.roster.send(round) {
                    this.round = None;
                } else {
                    this.settled = false;
                    if this.is_pressed(this.core().window()) {
                        continue;
                    }
                }
                // Others that are ready have their turn, whatever a publisher on another thread still
                // has. What comes over sockets waits until the round is over: clients that come faster
                // than they can be told of each other would else overtake the relay.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if this.roster.is_deserted(cx.waker()) {
                return Poll::Ready(());
            }
            if !std::mem::replace(&mut this.settled, true) || this.gathers() {
                // A message seldom comes alone: what is about to be broadcast goes out in one write.
                // Once is enough for who broadcasts on this thread.
                // Woken by itself the task would be next before the runtime has looked at a socket.
                // Pending at first, and nothing of the future is needed after that.
                let _ = pin!(yield_now()).poll(cx);
                return Poll::Pending;
            }
            match this.find(cx.waker()) {
                Found::Batch(round) => this.round = Some(round),
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
