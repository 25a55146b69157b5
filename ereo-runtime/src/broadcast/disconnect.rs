//! Ends the connections of a set by name.

use super::core::Core;
use super::rounds::Told;
use super::set::ClientSet;
use crate::ending::Ending;
use crate::wire::ClientId;

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
    /// Every connection.
    All,
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
        let own = self.core().end(who, &ending);
        let rooms = self.rooms_that_are().into_iter();
        own + rooms.map(|room| room.disconnect(who, ending.clone())).sum::<usize>()
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
}
