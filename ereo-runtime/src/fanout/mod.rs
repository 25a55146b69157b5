//! Sends a set's messages to the many readers of one thread without waking a task for each.
//!
//! A reader that has nothing to send enters a *relay group* with its [`Sink`]: one group a thread and
//! [format](Format). The group's *relay*, a task of that thread, waits on the log in place of them all; it puts
//! what comes into one piece of bytes, a *batch*, and writes that to every sink of the group. A delivery is
//! then a look at the member, and the system call. A body that actix polls is given the batch and woken, a
//! few at a time, and need only hand it out. What another thread broadcasts is first let gather for a moment,
//! so that it goes out in one piece as well (`gathering`).
//!
//! The reader stays what decides. It enters only when it is caught up and nothing else waits to be sent, under
//! one [lease](lease); it is woken, and goes on by itself from where the relay left it, as soon as
//!
//! - the socket does not take all of a batch, or has failed; or the body has not handed out the last,
//! - a message is not for it (`broadcast_except`), cannot be encoded, or has no place (`broadcast_ephemeral`),
//! - its credentials have ended,
//! - the relay was overtaken: what becomes of that is each reader's own matter,
//! - the set has closed, or
//! - a thousand messages went out, so that the metrics are told of them.
//!
//! A publisher on the relay's own thread that broadcasts more than the log may keep within one turn of its
//! task sends in the relay's place (`feed`): the relay has no turn before that one ends.
//!
//! Neither sets nor sockets are known here: a set is a [`Channel`], a connection a [`Sink`].
//!
//! | file | one idea |
//! |---|---|
//! | `sink`, `lease` | where a relay writes, and for how long it may; with the proof |
//! | `channel` | what a relay asks of its set |
//! | `relay`, `feed` | the task of a group, and how far it has sent |
//! | `group`, `membership` | the readers of one thread and format, and one reader's place among them |
//! | `gathering`, `bell` | how long a relay lets messages gather, and whence it was woken |

mod bell;
mod channel;
mod feed;
mod gathering;
mod group;
mod lease;
mod membership;
mod relay;
mod sink;

use std::fmt;
use std::sync::Arc;
use std::thread;

use smallvec::SmallVec;

use crate::sync::{Mutex, lock};
use crate::wire::Format;
use group::RelayGroup;
use relay::Running;

pub(crate) use channel::{Channel, ChannelReader};
#[cfg(test)]
pub(crate) use group::Member;
pub(crate) use lease::Leases;
pub(crate) use membership::{Membership, Reading};
pub(crate) use sink::{Load, Sent, Sink};

/// From so many readers of a set on it pays: below, a task more costs more than it saves.
pub(crate) const WORTHWHILE: usize = 8;

/// The relay groups of one set.
#[derive(Default)]
pub(crate) struct Relays(Mutex<Vec<Arc<RelayGroup>>>);

impl Relays {
    /// The group of this thread, with its relay; `cursor` is where the log ends for a reader that has `seen` so
    /// many asides.
    fn group<C: Channel>(channel: &C, format: Format, cursor: u64, seen: u16) -> Arc<RelayGroup> {
        let here = thread::current().id();
        let mut groups = lock(&channel.relays().0);
        if let Some(group) = groups.iter().find(|group| group.is_for(here, format)) {
            return Arc::clone(group);
        }
        let group = Arc::new(RelayGroup::new(here, format, cursor, seen));
        groups.push(Arc::clone(&group));
        drop(groups);
        let running = Running::new(channel.clone(), Arc::clone(&group));
        tokio::task::spawn_local(running.run(cursor));
        group
    }

    /// Lets the relays of this thread send first, where the log will soon evict what they have not sent: a
    /// publisher that goes on and on gives them no turn.
    pub(crate) fn relieve<C: Channel>(&self, channel: &C) {
        let here = thread::current().id();
        // One a format at the most, of which there are few.
        let of_here: SmallVec<[_; 2]> =
            lock(&self.0).iter().filter(|group| group.is_of(here)).cloned().collect();
        for group in of_here {
            if let Some(mut feed) = group.try_feed()
                && channel.is_pressed(feed.cursor)
            {
                feed.relieve(channel, &group);
            }
        }
    }

    /// Gives all members back to their own tasks, for something that they find by themselves.
    pub(crate) fn hand_back(&self) {
        let groups = lock(&self.0).clone();
        groups.iter().for_each(|group| group.hand_back());
    }

    /// How many groups there are, and how many of their members have been sent all that stands before
    /// `end`.
    pub(crate) fn caught_up(&self, end: u64) -> (usize, usize) {
        let groups = lock(&self.0).clone();
        (groups.len(), groups.iter().map(|group| group.caught_up(end)).sum())
    }

    /// Forgets a group whose relay has ended.
    fn close(&self, group: &Arc<RelayGroup>) {
        let mut groups = lock(&self.0);
        let at = groups.iter().position(|other| Arc::ptr_eq(other, group));
        let closed = at.map(|at| groups.swap_remove(at));
        drop(groups);
        drop(closed);
    }
}

impl fmt::Debug for Relays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relays").finish_non_exhaustive()
    }
}
