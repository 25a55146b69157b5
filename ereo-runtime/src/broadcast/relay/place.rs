//! A reader's place on a roster.

use std::sync::Arc;
use std::task::Waker;

use tokio::time::Instant;

use super::roster::{Member, Roster};
use super::{Relays, WORTHWHILE};
use crate::broadcast::ClientId;
use crate::broadcast::core::Core;
use crate::broadcast::wire::Wire;
use crate::message::Message;
use crate::server::Outlet;

/// What a reader needs to be served by a relay, and its place once it is.
#[derive(Debug)]
pub(in crate::broadcast) struct Relayed {
    outlet: Arc<Outlet>,
    wire: Wire,
    client: Option<ClientId>,
    pub(in crate::broadcast) until: Option<Instant>,
    place: Option<Place>,
}

#[derive(Debug)]
struct Place {
    roster: Arc<Roster>,
    key: usize,
}

impl Relayed {
    pub(in crate::broadcast) fn new(
        outlet: Arc<Outlet>,
        wire: Wire,
        client: Option<ClientId>,
    ) -> Self {
        Self { outlet, wire, client, until: None, place: None }
    }

    /// Up to where the relay has sent.
    pub(in crate::broadcast) fn cursor(&self) -> Option<u64> {
        self.place.as_ref().map(|place| place.roster.with(place.key, |member| member.cursor))
    }

    /// Whether there are enough readers for a relay, or there is one.
    pub(in crate::broadcast) fn is_worthwhile<T>(&self, core: &Core<T>) -> bool {
        self.place.is_some() || core.clients.len() >= WORTHWHILE
    }

    /// Lets the relay go on from `cursor`, where the log ends, for as long as nothing else is to be
    /// sent.
    pub(in crate::broadcast) fn enter<T>(&mut self, core: &Arc<Core<T>>, cursor: u64, waker: &Waker)
    where
        T: Message + 'static,
    {
        let (turn, until) = (self.outlet.turn(), self.until);
        if let Some(Place { roster, key }) = &self.place {
            roster.with(*key, |member| {
                (member.turn, member.cursor, member.until) = (turn, cursor, until);
                // A task's waker: neither its clone nor its drop comes back to here.
                member.waker.clone_from(waker);
            });
            return;
        }
        let roster = Relays::roster(core, self.wire, cursor);
        let (outlet, client, waker) = (Arc::clone(&self.outlet), self.client, waker.clone());
        let key = roster.enter(Member { outlet, turn, cursor, client, until, waker });
        self.place = Some(Place { roster, key });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.roster.leave(self.key);
    }
}
