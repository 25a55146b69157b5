//! A reader's place on a roster.

use std::sync::Arc;
use std::task::Waker;

use super::group::{Member, Roster};
use super::{Relays, WORTHWHILE};
use crate::broadcast::Core;
use crate::broadcast::Reading;
use crate::message::Message;
use crate::takeover::Outlet;

/// Where a relay writes for a reader, and the reader's place once it does.
#[derive(Debug)]
pub(crate) struct Relayed(Place);

#[derive(Debug)]
enum Place {
    None(Arc<Outlet>),
    /// No process has as many sockets as there are numbers.
    On {
        roster: Arc<Roster>,
        key: u32,
    },
}

impl Relayed {
    pub(crate) fn new(outlet: Arc<Outlet>) -> Self {
        Self(Place::None(outlet))
    }

    /// Up to where the relay has sent.
    pub(crate) fn cursor(&self) -> Option<u64> {
        match &self.0 {
            Place::None(_) => None,
            Place::On { roster, key } => Some(roster.with(*key, |member| member.cursor)),
        }
    }

    /// Whether a relay serves the reader while it has nothing to read.
    pub(crate) fn is_on_roster(&self) -> bool {
        matches!(self.0, Place::On { .. })
    }

    /// Whether there are enough readers for a relay, or there is one.
    pub(crate) fn is_worthwhile<T>(&self, core: &Core<T>) -> bool {
        self.is_on_roster() || core.clients.len() >= WORTHWHILE
    }

    /// Lets the relay go on from `cursor`, where the log ends, for as long as nothing else is to be
    /// sent.
    pub(crate) fn enter<T>(
        &mut self,
        core: &Arc<Core<T>>,
        cursor: u64,
        reading: Reading,
        waker: &Waker,
    ) where
        T: Message + 'static,
    {
        let Reading { wire, client, until } = reading;
        let outlet = match &self.0 {
            Place::None(outlet) => Arc::clone(outlet),
            Place::On { roster, key } => {
                let until = roster.moment(until);
                return roster.with(*key, |member| {
                    member.outlet.attend(waker);
                    member.turn = member.outlet.turn();
                    (member.cursor, member.until) = (cursor, until);
                });
            }
        };
        let roster = Relays::roster(core, wire, cursor);
        outlet.attend(waker);
        let (turn, until) = (outlet.turn(), roster.moment(until));
        let key = roster.enter(Member { outlet, turn, cursor, client, until });
        self.0 = Place::On { roster, key };
    }
}

impl Drop for Relayed {
    fn drop(&mut self) {
        if let Place::On { roster, key } = &self.0 {
            roster.leave(*key);
        }
    }
}
