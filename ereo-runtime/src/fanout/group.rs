//! The readers of one thread and format that a relay sends to.

use std::sync::Arc;
use std::task::Waker;
use std::thread::ThreadId;

use bytes::Bytes;
use tokio::time::Instant;

use super::feed::{Feed, InFlight};
use super::lease::Lease;
use super::sink::{Load, Sent, Sink};
use crate::compact_instant::CompactInstant;
use crate::progress::{Progress, RelayMark};
use crate::served_list::ServedList;
use crate::sync::{Mutex, MutexGuard, lock, try_lock};
use crate::wakers::wake_all;
use crate::wire::{Batch, ClientId, Format, Part, latency};

/// So many sockets are written to, or bodies woken, in one turn of the relay's task; then others of the
/// thread have theirs. Half a millisecond or so.
const SOCKETS: usize = 128;

/// Only its own thread takes the locks, but for publishers that look for their thread's group, or whether
/// its members have caught up: that it can be shared lets a set hold it.
#[derive(Debug)]
pub(super) struct RelayGroup {
    key: (ThreadId, Format),
    since: Instant,
    /// By the relay.
    members: Mutex<ServedList<Member>>,
    /// How far the relay has come, or a publisher in its place.
    feed: Mutex<Feed>,
    mark: RelayMark,
}

/// A reader that is served. What a delivery needs stands together.
#[derive(Debug)]
pub(crate) struct Member {
    pub(super) sink: Arc<dyn Sink>,
    /// Under which it may be written to.
    pub(super) lease: Lease,
    /// Offset of the message that it gets next.
    pub(super) cursor: u64,
    /// Whom `broadcast_except` leaves out.
    pub(super) client: Option<ClientId>,
    /// When its credentials end, in the group's time.
    pub(super) until: CompactInstant,
    pub(super) progress: Progress,
}

impl RelayGroup {
    /// A group whose relay begins at `cursor`, behind the asides that a reader there has `seen`.
    pub(super) fn new(thread: ThreadId, format: Format, cursor: u64, seen: u16) -> Self {
        let feed = Mutex::new(Feed::new(cursor, seen));
        let (since, members, mark) = (Instant::now(), Mutex::default(), RelayMark::default());
        Self { key: (thread, format), since, members, feed, mark }
    }

    pub(super) fn feed(&self) -> MutexGuard<'_, Feed> {
        lock(&self.feed)
    }

    /// The same for a publisher, which may be called by the relay itself: a message's own code runs while it
    /// is encoded, or dropped.
    pub(super) fn try_feed(&self) -> Option<MutexGuard<'_, Feed>> {
        try_lock(&self.feed)
    }

    pub(super) fn mark(&self) -> &RelayMark {
        &self.mark
    }

    pub(super) fn is_of(&self, thread: ThreadId) -> bool {
        self.key.0 == thread
    }

    /// How many members have been sent all that stands before `end`.
    pub(super) fn caught_up(&self, end: u64) -> usize {
        // A relay that sends just now has not come to the end.
        let at_end =
            self.try_feed().is_some_and(|feed| feed.cursor >= end && feed.in_flight.is_none());
        let caught_up = |member: &&mut Member| {
            member.cursor >= end && member.sink.leases().is_valid(member.lease)
        };
        if at_end { self.lock().all.iter_mut().filter(caught_up).count() } else { 0 }
    }

    pub(super) fn is_for(&self, thread: ThreadId, format: Format) -> bool {
        self.key == (thread, format)
    }

    pub(super) fn format(&self) -> Format {
        self.key.1
    }

    /// The end of a member's credentials, in the group's time.
    pub(super) fn until(&self, end: Option<Instant>) -> CompactInstant {
        end.map_or(CompactInstant::NEVER, |end| self.compact(end))
    }

    /// An instant in the group's time.
    fn compact(&self, instant: Instant) -> CompactInstant {
        CompactInstant::new(self.since, instant)
    }

    fn lock(&self) -> MutexGuard<'_, ServedList<Member>> {
        lock(&self.members)
    }

    pub(super) fn enter(&self, member: Member) -> u32 {
        self.lock().all.insert(member)
    }

    /// Does `change` to the member of this key, which is there until [`RelayGroup::leave`].
    pub(super) fn with<R>(&self, key: u32, change: impl FnOnce(&mut Member) -> R) -> R {
        change(&mut self.lock().all[key])
    }

    pub(super) fn leave(&self, key: u32) {
        let left = self.lock().leave(key);
        left.finish();
    }

    /// How many are served.
    pub(super) fn len(&self) -> usize {
        self.lock().all.len()
    }

    /// Whether nobody is served any more; otherwise the relay is woken when that comes.
    pub(super) fn is_deserted(&self, relay: &Waker) -> bool {
        self.lock().is_deserted(relay)
    }

    /// Gives all members back to their own tasks.
    pub(super) fn hand_back(&self) {
        let mut members = self.lock();
        let hand_back = |member: &mut Member| member.hand_back();
        let woken: Vec<_> = members.all.iter_mut().filter_map(hand_back).collect();
        drop(members);
        wake_all(woken);
    }

    /// Writes the batch to the next members; whether to all of them by now.
    pub(super) fn send(&self, in_flight: &mut InFlight, by: Sender) -> bool {
        let InFlight { batch, member: next, woken } = in_flight;
        let now = Instant::now();
        let pass = Pass { now, moment: self.compact(now), format: self.format(), by };
        // Most members are at one place.
        let mut load = None;
        let mut members = self.lock();
        let end = members.all.end();
        let mut sockets = 0;
        while *next < end && sockets < SOCKETS {
            let member = members.all.get_mut(*next);
            *next += 1;
            if let Some(member) = member
                && member.sink.leases().is_valid(member.lease)
                && member.cursor < batch.next()
            {
                sockets += 1;
                if load.as_ref().is_none_or(|load: &Shared<'_>| load.offset != member.cursor) {
                    load = Shared::new(batch, member.cursor);
                }
                if let Some(waker) = member.send(load.as_ref(), &pass) {
                    woken.push(waker);
                }
            }
        }
        drop(members);
        // Leaves nobody but the room.
        wake_all(woken.drain(..));
        let all = *next >= end;
        if all {
            self.mark.come_to(batch.next());
        }
        all
    }
}

/// What the members that are at one place of a batch are sent.
struct Shared<'a> {
    part: Part<&'a Batch>,
    /// As the part says, which would count it for each of them.
    offset: u64,
    bytes: Bytes,
    messages: u64,
    told: u64,
}

impl<'a> Shared<'a> {
    /// `None` if what stands at `offset` is not in the batch.
    fn new(batch: &'a Batch, offset: u64) -> Option<Self> {
        let part = Part::new(batch, offset)?;
        let (bytes, messages, told) = (part.bytes(), part.messages(), part.told());
        Some(Self { part, offset, bytes, messages, told })
    }

    fn at(&self, now: Instant) -> Load<'_> {
        let Self { bytes, messages, told, .. } = self;
        Load { bytes, messages: *messages, told: *told, now }
    }
}

/// One turn of the relay.
struct Pass {
    now: Instant,
    moment: CompactInstant,
    format: Format,
    by: Sender,
}

/// In whose turn a round is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    Relay,
    /// A publisher, within whose turn no member's own task has one.
    Publisher,
}

impl Member {
    /// From now on its own task goes on.
    fn hand_back(&mut self) -> Option<Waker> {
        self.lease = Lease::NONE;
        self.progress.is_handed_back(self.cursor);
        // One that is woken for something else as well must find out.
        self.sink.leases().revoke();
        self.sink.take_waker()
    }

    /// Writes what it has not got yet; its waker if its task is to look.
    fn send(&mut self, load: Option<&Shared<'_>>, pass: &Pass) -> Option<Waker> {
        let expired = self.until <= pass.moment;
        let Some(load) = load.filter(|load| !expired && load.part.is_for(self.client)) else {
            return self.hand_back();
        };
        match self.sink.send(&load.at(pass.now)) {
            Sent::All { wake, uncounted } => {
                self.has_been_sent(load, pass);
                // Within a publisher's turn the member's own task has none to count in.
                let handed_back =
                    if uncounted && pass.by == Sender::Relay { self.hand_back() } else { None };
                wake.or(handed_back)
            }
            Sent::Partly => {
                self.has_been_sent(load, pass);
                self.hand_back()
            }
            // Its task writes, meets the same, and waits or ends.
            Sent::Busy => self.hand_back(),
        }
    }

    fn has_been_sent(&mut self, load: &Shared<'_>, pass: &Pass) {
        self.cursor = load.part.next();
        for (offset, at) in load.part.measured() {
            latency::taken(pass.format.label(), offset, at);
        }
    }
}
