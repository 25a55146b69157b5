//! The task that reads the log for a relay group.

use std::future::poll_fn;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::task::yield_now;
use tokio::time::Instant;

use super::bell::Bell;
use super::feed::Found;
use super::gathering::Gathering;
use super::group::{RelayGroup, Sender};
use super::{Channel, ChannelReader};

/// A group whose relay runs. Dropped, it leaves its members to their own tasks.
pub(super) struct Running<C: Channel> {
    channel: C,
    group: Arc<RelayGroup>,
}

impl<C: Channel> Running<C> {
    pub(super) fn new(channel: C, group: Arc<RelayGroup>) -> Self {
        Self { channel, group }
    }

    /// Sends what is broadcast from `cursor` on, until nobody is in the group any more or the set has closed.
    pub(super) async fn run(self, cursor: u64) {
        // The waker of a task that was spawned is always the same.
        let task = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        let mut relay = Relay::new(&self, cursor, &task);
        // Whether the thread has looked at its sockets since the relay was woken, or since a long round.
        let mut settled = false;
        loop {
            match relay.send() {
                Progress::Nothing => {}
                Progress::Urgent => {
                    settled = false;
                    continue;
                }
                progress @ (Progress::All | Progress::Partly) => {
                    settled &= matches!(progress, Progress::All);
                    // Tasks that are ready have their turn, whatever a publisher on another thread still
                    // has. What comes over sockets waits until the round is over: clients that come
                    // faster than they can be told of each other would else overtake the relay.
                    task.wake_by_ref();
                    woken().await;
                    continue;
                }
            }
            if self.group.is_deserted(&task) {
                return;
            }
            if !mem::replace(&mut settled, true) || relay.gathers() {
                // A message seldom comes alone: what is about to be broadcast goes out in one write. Once
                // is enough for a publisher of this thread. Woken by itself the task would be next before
                // the runtime has looked at a socket.
                yield_now().await;
                continue;
            }
            match relay.find() {
                Found::Batch => {}
                Found::Nothing => {
                    settled = false;
                    // The bell wakes the task, or the last member as it leaves.
                    woken().await;
                }
                Found::Trouble => self.group.hand_back(),
                Found::Closed => {
                    self.group.hand_back();
                    return;
                }
            }
        }
    }
}

impl<C: Channel> Drop for Running<C> {
    fn drop(&mut self) {
        self.channel.relays().close(&self.group);
        // Readers that are in the group still must not wait for the relay.
        self.group.hand_back();
    }
}

/// Waits for whatever wakes the task next.
async fn woken() {
    let mut waited = false;
    poll_fn(|_| if mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending })
        .await;
}

struct Relay<'a, C: Channel> {
    group: &'a RelayGroup,
    /// Follows the group's feed, and waits for what comes behind it.
    reader: ChannelReader<C>,
    /// What wakes the task for what is broadcast.
    bell: Arc<Bell>,
    bell_waker: Waker,
    /// Since another thread woke the task.
    gathering: Option<Gathering>,
}

/// How far the batch in flight has come.
enum Progress {
    /// There is none.
    Nothing,
    All,
    Partly,
    /// A part, and the log will soon evict what stands behind it.
    Urgent,
}

impl<'a, C: Channel> Relay<'a, C> {
    fn new(running: &'a Running<C>, cursor: u64, task: &Waker) -> Self {
        let bell = Bell::new(task);
        let bell_waker = Waker::from(Arc::clone(&bell));
        let reader = ChannelReader::<C>::new(running.channel.clone(), cursor);
        Self { group: &running.group, reader, bell, bell_waker, gathering: None }
    }

    /// Sends the batch in flight to the next members.
    fn send(&self) -> Progress {
        let mut feed = self.group.feed();
        let Some(in_flight) = &mut feed.in_flight else { return Progress::Nothing };
        if self.group.send(in_flight, Sender::Relay) {
            feed.in_flight = None;
            Progress::All
        } else if self.reader.log().is_pressed(feed.cursor) {
            Progress::Urgent
        } else {
            Progress::Partly
        }
    }

    fn find(&mut self) -> Found {
        self.bell.silence();
        self.gathering = None;
        let mut feed = self.group.feed();
        if feed.cursor > self.reader.cursor() {
            self.reader.skip_to(feed.cursor);
        }
        let cx = &mut Context::from_waker(&self.bell_waker);
        feed.find(&mut self.reader, self.group.format(), |reader| reader.poll_next(cx))
    }

    /// Whether another thread has broadcast, and may be about to go on.
    fn gathers(&mut self) -> bool {
        if !self.bell.was_rung_from_afar() {
            return false;
        }
        let (now, channel) = (Instant::now(), self.reader.log());
        let gathering = self.gathering.get_or_insert_with(|| Gathering::new(now));
        gathering.goes_on(now, channel.head(), self.group.len())
            // The log will soon evict what the relay has not read: it must not wait then.
            && !channel.is_pressed(self.group.feed().cursor)
    }
}
