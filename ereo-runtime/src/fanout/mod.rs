//! How a set's messages reach the many readers of one thread without waking a task for each.
//!
//! A reader that has nothing to send enters a *roster* with its [`Outlet`]: one a thread and wire format.
//! The roster's *relay*, a task of that thread, waits on the log in place of them all; it puts what
//! comes into one piece of bytes, a *batch*, and writes that to every socket on the roster. A delivery is
//! then a look at the member, and the system call. A body that actix polls is left the batch and woken,
//! a few at a time, and need only hand it out. What another thread broadcasts is first let gather for a
//! moment, so that it goes out in one piece as well (`gathering`).
//!
//! The reader stays what decides. It enters only when it is caught up and nothing else waits to be
//! sent, for one [`Turn`](self::lease::Turn); it is woken, and goes on by itself from where the relay
//! left it, as soon as
//!
//! - the socket does not take all of a batch, or has failed; or the body has not handed out the last,
//! - a message is not for it (`broadcast_except`), or cannot be encoded,
//! - its credentials have ended,
//! - the relay was overtaken: what becomes of that is each reader's own matter,
//! - the set has closed, or
//! - a thousand messages went out, so that they are told to the metrics.
//!
//! A publisher on the relay's own thread that broadcasts more than the log may keep within one turn of its
//! task sends in the relay's place (`feed`): the relay has no turn before that one ends.

mod bell;
mod feed;
mod gathering;
mod group;
mod lease;
mod membership;
mod relay;

use std::fmt;
use std::sync::Arc;
use std::thread;

use smallvec::SmallVec;

use crate::broadcast::Core;
use crate::message::Message;
use crate::sync::{Mutex, lock};
use crate::wire::Wire;
use group::Roster;
use relay::Relay;

#[cfg(test)]
pub(crate) use group::Member;
pub(crate) use lease::{Turn, Turns};
pub(crate) use membership::Relayed;

/// From so many readers of a set on it pays: below, a task more costs more than it saves.
pub(super) const WORTHWHILE: usize = 8;

/// The rosters of one set.
#[derive(Default)]
pub(super) struct Relays(Mutex<Vec<Arc<Roster>>>);

impl Relays {
    /// The roster of this thread, with its relay; `cursor` is where the log ends.
    fn roster<T>(core: &Arc<Core<T>>, wire: Wire, cursor: u64) -> Arc<Roster>
    where
        T: Message + 'static,
    {
        let here = thread::current().id();
        let mut rosters = lock(&core.relays().0);
        if let Some(roster) = rosters.iter().find(|roster| roster.is_for(here, wire)) {
            return Arc::clone(roster);
        }
        let roster = Arc::new(Roster::new(here, wire, cursor));
        rosters.push(Arc::clone(&roster));
        drop(rosters);
        actix_web::rt::spawn(Relay::new(Arc::clone(core), Arc::clone(&roster), cursor));
        roster
    }

    /// Lets the relays of this thread send first, where the log will soon evict what they have not sent: a
    /// publisher that goes on and on gives them no turn.
    pub(super) fn relieve<T: Message>(&self, core: &Arc<Core<T>>) {
        let here = thread::current().id();
        // One a format at the most, of which there are few.
        let of_here: SmallVec<[_; 2]> =
            lock(&self.0).iter().filter(|roster| roster.is_of(here)).cloned().collect();
        for roster in of_here {
            if let Some(mut feed) = roster.try_feed()
                && core.is_pressed(feed.cursor)
            {
                feed.relieve(core, &roster);
            }
        }
    }

    /// How many rosters there are, and how many of their members have been sent all that stands before
    /// `end`.
    pub(super) fn caught_up(&self, end: u64) -> (usize, usize) {
        let rosters = lock(&self.0).clone();
        (rosters.len(), rosters.iter().map(|roster| roster.caught_up(end)).sum())
    }

    /// Its relay has ended.
    fn close(&self, roster: &Arc<Roster>) {
        let mut rosters = lock(&self.0);
        let at = rosters.iter().position(|other| Arc::ptr_eq(other, roster));
        let closed = at.map(|at| rosters.swap_remove(at));
        drop(rosters);
        drop(closed);
    }
}

impl fmt::Debug for Relays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relays").finish_non_exhaustive()
    }
}
