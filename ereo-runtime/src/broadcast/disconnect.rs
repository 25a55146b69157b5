//! Ends the connections of a set by name.

use std::collections::HashSet;

use super::core::Core;
use super::rounds::Told;
use super::set::ClientSet;
use crate::ending::Ending;
use crate::wire::{ClientId, ClientName};

/// Whose connections [`ClientSet::disconnect`] ends. Plain data, as an [`Ending`] is: it can be sent to where the
/// connections are.
///
/// ```
/// use ereo_runtime::{ClientSet, Ending, Who};
///
/// fn log_out(set: &ClientSet<String>, user: &str) -> usize {
///     set.disconnect(Who::Member(user), Ending::code(4001, "logged out").final_())
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Who<'a> {
    /// All connections of the member with this key: the event streams and sockets that were entered as it
    /// ([`Subscription::as_member`](super::Subscription::as_member),
    /// [`Seat::as_member`](crate::websocket::Seat::as_member)).
    Member(&'a str),
    /// One connection, by its id ([`Socket::id`](crate::Socket::id),
    /// [`ConnectionHandle::id`](crate::ConnectionHandle::id)).
    Client(ClientId),
    /// The same, at whichever server it is: by its name among those of all.
    Named(ClientName),
    /// Every connection.
    All,
}

impl From<ClientId> for Who<'_> {
    fn from(client: ClientId) -> Self {
        Self::Client(client)
    }
}

impl From<ClientName> for Who<'_> {
    fn from(client: ClientName) -> Self {
        Self::Named(client)
    }
}

impl<T> ClientSet<T> {
    /// Ends connections of this set and of all its rooms, from any thread, and says how many were told.
    ///
    /// They are gone within a moment. What was broadcast before goes out first, and nothing of what is
    /// broadcast from now on goes to them; whoever else is there notices nothing. A client whose `ending` is
    /// not [`final`](Ending::final_) may come back, and misses nothing. What a client could do that is not ours,
    /// see [the module](super#ending-connections).
    ///
    /// A connection counts once, in however many of the rooms it is; one that had been told already does not.
    /// To keep somebody out is the route's matter: it refuses who comes back.
    ///
    /// Where the set's store is one that several servers have in common, the connections of all of them are ended,
    /// but for [`Who::Client`], which is one of this; a server that is cut off from the store ends its own as soon as
    /// it hears of it again, up to a minute later. The number is that of the connections here.
    ///
    /// ```
    /// use ereo_runtime::{ClientSet, Ending, Who};
    ///
    /// const LOGGED_OUT: Ending = Ending::code(4001, "logged out").final_();
    ///
    /// # let rooms = ClientSet::<String>::new();
    /// let told = rooms.disconnect(Who::Member("acme/ann"), LOGGED_OUT);
    /// let told = rooms.room("lobby").disconnect(Who::All, Ending::code(4002, "the room closes"));
    /// # assert_eq!(told, 0);
    /// ```
    pub fn disconnect(&self, who: Who<'_>, ending: Ending) -> usize {
        let elsewhere = self.core().stored().filter(|_| who.may_be_elsewhere());
        match elsewhere.and_then(|stored| stored.commands()) {
            Some((stored, commands)) => commands.end(stored.key(), who, ending),
            None => self.end_here(who, &ending),
        }
    }

    fn end_here(&self, who: Who<'_>, ending: &Ending) -> usize {
        let own = self.core().end(who, ending);
        let rooms = self.rooms_that_are().into_iter();
        own + rooms.map(|room| room.end_here(who, ending)).sum::<usize>()
    }
}

impl Who<'_> {
    /// Whether it may name a connection of another server.
    pub(super) fn may_be_elsewhere(&self) -> bool {
        !matches!(self, Self::Client(_))
    }

    /// The connection of this process that it names.
    pub(super) fn named_here(&self) -> Option<ClientId> {
        match self {
            Self::Client(client) => Some(*client),
            Self::Named(name) => name.here(),
            Self::Member(_) | Self::All => None,
        }
    }
}

impl<T> Core<T> {
    /// Ends connections of this set alone; how many were told.
    pub(super) fn end(&self, who: Who<'_>, ending: &Ending) -> usize {
        let until = self.window().next;
        match who {
            Who::Member(key) => {
                let presence = self.presence_if_any();
                presence.map_or(0, |presence| presence.end(key, ending, until))
            }
            Who::Client(client) => {
                let mailboxes = self.mailboxes_if_any();
                mailboxes.is_some_and(|mailboxes| mailboxes.end(client, ending, until)).into()
            }
            Who::Named(_) => {
                who.named_here().map_or(0, |client| self.end(Who::Client(client), ending))
            }
            Who::All => {
                let told = Told { ending: ending.clone(), until };
                let streams = self.clients.rounds.end(told);
                // Behind the order, which they find by that: see `fanout::lease`.
                self.rouse();
                let mailboxes = self.mailboxes_if_any();
                streams + mailboxes.map_or(0, |mailboxes| mailboxes.end_all(ending, until))
            }
        }
    }

    /// Adds where the connections are that `who` names in this set alone; how many more there are that are in no list.
    pub(super) fn reached(&self, who: Who<'_>, places: &mut HashSet<usize>) -> usize {
        let is_all = who == Who::All;
        let mut found = self.sockets(who);
        found.retain(|(_, queue)| !(is_all && queue.is_told_with_all()));
        let unlisted = if is_all { self.clients.rounds.readers() } else { 0 };
        let queues = found.iter().map(|(_, queue)| queue);
        let open = queues.filter(|queue| queue.is_open());
        places.extend(open.map(|queue| std::sync::Arc::as_ptr(queue).cast::<()>().addr()));
        unlisted
    }
}
