//! A reader's place in a relay group.

use std::sync::Arc;
use std::task::Waker;

use tokio::time::Instant;

use super::group::{Member, RelayGroup};
use super::{Channel, Relays, Sink, WORTHWHILE};
use crate::progress::Progress;
use crate::wire::{ClientId, Format};

/// Where a relay writes for a reader, and the reader's place once it does.
#[derive(Debug)]
pub(crate) struct Membership(Place);

#[derive(Debug)]
enum Place {
    Outside(Arc<dyn Sink>),
    /// No process has as many sockets as there are numbers.
    Inside {
        group: Arc<RelayGroup>,
        key: u32,
    },
}

/// What a reader reads, for a relay that stands in for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) format: Format,
    /// Whom `broadcast_except` leaves out.
    pub(crate) client: Option<ClientId>,
    /// When its credentials end, as known by now: nothing is sent from then on.
    pub(crate) until: Option<Instant>,
}

impl Membership {
    pub(crate) fn new(sink: Arc<dyn Sink>) -> Self {
        Self(Place::Outside(sink))
    }

    /// Up to where the relay has sent.
    pub(crate) fn cursor(&self) -> Option<u64> {
        match &self.0 {
            Place::Outside(_) => None,
            Place::Inside { group, key } => Some(group.with(*key, |member| member.cursor)),
        }
    }

    /// Where a relay writes.
    pub(crate) fn sink(&self) -> Arc<dyn Sink> {
        match &self.0 {
            Place::Outside(sink) => Arc::clone(sink),
            Place::Inside { group, key } => group.with(*key, |member| Arc::clone(&member.sink)),
        }
    }

    /// Whether a relay serves the reader while it has nothing to read.
    pub(crate) fn is_inside(&self) -> bool {
        matches!(self.0, Place::Inside { .. })
    }

    /// Whether there are enough readers for a relay, or there is one.
    pub(crate) fn is_worthwhile<C: Channel>(&self, channel: &C) -> bool {
        self.is_inside() || channel.readers() >= WORTHWHILE
    }

    /// Lets the relay go on from `cursor`, where the log ends and the reader has `seen` so many asides, for as
    /// long as nothing else is to be sent.
    pub(crate) fn enter<C: Channel>(
        &mut self,
        channel: &C,
        (cursor, seen): (u64, u16),
        reading: Reading,
        progress: &Progress,
        waker: &Waker,
    ) {
        let Reading { format, client, until } = reading;
        let sink = match &self.0 {
            Place::Outside(sink) => Arc::clone(sink),
            Place::Inside { group, key } => {
                let until = group.until(until);
                return group.with(*key, |member| {
                    member.sink.set_waker(waker);
                    member.lease = member.sink.leases().current();
                    (member.cursor, member.until) = (cursor, until);
                    progress.is_relayed_again();
                });
            }
        };
        let group = Relays::group(channel, format, cursor, seen);
        sink.set_waker(waker);
        let (lease, until) = (sink.leases().current(), group.until(until));
        progress.is_relayed(group.mark());
        let progress = progress.clone();
        let key = group.enter(Member { sink, lease, cursor, client, until, progress });
        self.0 = Place::Inside { group, key };
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        if let Place::Inside { group, key } = &self.0 {
            group.leave(*key);
        }
    }
}
