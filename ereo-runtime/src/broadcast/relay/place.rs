//! A reader's place on a roster.

use std::sync::Arc;
use std::task::Waker;

use super::roster::{Member, Roster};
use super::{Relays, WORTHWHILE};
use crate::broadcast::client::Reading;
use crate::broadcast::core::Core;
use crate::message::Message;
use crate::server::Outlet;

/// Where a relay writes for a reader, and the reader's place once it does.
#[derive(Debug)]
pub(in crate::broadcast) struct Relayed {
    outlet: Arc<Outlet>,
    roster: Option<Arc<Roster>>,
    /// On the roster. No process has as many sockets as there are numbers.
    key: u32,
}

impl Relayed {
    pub(in crate::broadcast) fn new(outlet: Arc<Outlet>) -> Self {
        Self { outlet, roster: None, key: 0 }
    }

    /// Up to where the relay has sent.
    pub(in crate::broadcast) fn cursor(&self) -> Option<u64> {
        let roster = self.roster.as_ref()?;
        Some(roster.with(self.key, |member| member.cursor))
    }

    /// Whether there are enough readers for a relay, or there is one.
    pub(in crate::broadcast) fn is_worthwhile<T>(&self, core: &Core<T>) -> bool {
        self.roster.is_some() || core.clients.len() >= WORTHWHILE
    }

    /// Lets the relay go on from `cursor`, where the log ends, for as long as nothing else is to be
    /// sent.
    pub(in crate::broadcast) fn enter<T>(
        &mut self,
        core: &Arc<Core<T>>,
        cursor: u64,
        reading: Reading,
        waker: &Waker,
    ) where
        T: Message + 'static,
    {
        let Reading { wire, client, until } = reading;
        let turn = self.outlet.turn();
        if let Some(roster) = &self.roster {
            roster.with(self.key, |member| {
                (member.turn, member.cursor, member.until) = (turn, cursor, until);
                // A task's waker: neither its clone nor its drop comes back to here.
                member.waker.clone_from(waker);
            });
            return;
        }
        let roster = Relays::roster(core, wire, cursor);
        let (outlet, waker) = (Arc::clone(&self.outlet), waker.clone());
        self.key = roster.enter(Member { outlet, turn, cursor, client, until, waker });
        self.roster = Some(roster);
    }
}

impl Drop for Relayed {
    fn drop(&mut self) {
        if let Some(roster) = &self.roster {
            roster.leave(self.key);
        }
    }
}
