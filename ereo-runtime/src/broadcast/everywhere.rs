//! All sets and rooms that a server's connections are in.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, Weak};

use super::connection_handle::ConnectionHandle;
use super::core::Core;
use super::disconnect::Who;
#[cfg(feature = "inspector")]
use super::look::SetLook;
use super::mailboxes::DirectQueue;
use super::store::Commands;
use crate::ending::Ending;
use crate::sync::lock;
use crate::wire::ClientId;

/// A set or a room, whatever its messages are.
pub(crate) trait Disconnects: Send + Sync {
    /// Ends connections of this set alone; how many were told.
    fn end(&self, who: Who<'_>, ending: &Ending) -> usize;

    /// Those that reach its clients at other servers too, and all that have the same.
    fn commands(&self) -> Option<Arc<Commands>>;

    /// As the inspector sees it.
    #[cfg(feature = "inspector")]
    fn look(&self) -> SetLook;
}

impl<T: Send + Sync> Disconnects for Core<T> {
    fn end(&self, who: Who<'_>, ending: &Ending) -> usize {
        Self::end(self, who, ending)
    }

    fn commands(&self) -> Option<Arc<Commands>> {
        self.stored().and_then(|stored| stored.commands()).map(|(_, commands)| commands)
    }

    #[cfg(feature = "inspector")]
    fn look(&self) -> SetLook {
        Self::look(self)
    }
}

/// A set as [`Everywhere`] knows it.
pub(crate) type KnownSet = Weak<dyn Disconnects>;

/// The connections of a server in all sets and rooms, to be ended by name: what logs a user out everywhere.
///
/// It belongs to the server, which tells it which sets its connections join; nothing of it is global. It is got
/// before the server runs, from [`Realtime::everywhere`](crate::Realtime::everywhere), and in a handler as an
/// argument. Clones are the same, and any thread may have one.
///
/// ```
/// use actix_web::web::Path;
/// use actix_web::{HttpResponse, post};
/// use ereo_runtime::prelude::*;
/// use ereo_runtime::Everywhere;
///
/// const LOGGED_OUT: Ending = Ending::code(4001, "logged out").final_();
///
/// #[post("/users/{user}/log-out")]
/// async fn log_out(user: Path<String>, everywhere: Everywhere) -> HttpResponse {
///     let told = everywhere.disconnect(Who::Member(&user), LOGGED_OUT);
///     HttpResponse::Ok().body(format!("{told} connections"))
/// }
/// ```
#[derive(Clone, Default)]
pub struct Everywhere(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// By where they are, which nothing else is as long as they are here.
    sets: HashMap<usize, KnownSet>,
    /// Of which there are handles.
    connections: HashMap<ClientId, Weak<dyn DirectQueue>>,
    /// Those of them that have a name, whatever they are sent.
    named: HashMap<Arc<str>, Vec<Weak<dyn DirectQueue>>>,
    /// How many entries there may be before it is looked which of them are of no account any more.
    enough: usize,
}

/// So many entries of no account do not matter.
const FEW: usize = 64;

impl Everywhere {
    /// Ends connections wherever they are, and says how many were told; as
    /// [`ClientSet::disconnect`](super::ClientSet::disconnect) does in one set.
    ///
    /// Reached are the clients of all sets and rooms that a connection of this server has joined, and every
    /// connection of which there is a [`ConnectionHandle`]. A connection that is in no set, such as a stream
    /// of one's own or of [`PresenceEvents`](super::PresenceEvents), is reached by its handle only, and is a
    /// member's with [`Everywhere::name`].
    ///
    /// Of sets whose store several servers have in common, the clients of all of these servers are reached, as by
    /// [`ClientSet::disconnect`](super::ClientSet::disconnect) of the set; the number is that of the connections here.
    pub fn disconnect(&self, who: Who<'_>, ending: Ending) -> usize {
        let (sets, connections) = self.found(who);
        let mut commands = Vec::new();
        // In the order in which they are told, so that each counts once.
        let in_sets = sets.iter().map(|set| end_in(set, who, &ending, &mut commands));
        let in_sets = in_sets.sum::<usize>();
        let told = |connection: &&Arc<dyn DirectQueue>| {
            let with_its_set = who == Who::All && connection.is_told_with_all();
            !with_its_set && connection.end(&ending, None)
        };
        in_sets + connections.iter().filter(told).count()
    }

    /// Makes `connection` one of those that [`Who::Member`] names here with this key, beside those that are the
    /// member's in a set: for a connection that is in none, or in one without presence.
    ///
    /// ```
    /// use ereo_runtime::prelude::*;
    /// use ereo_runtime::Everywhere;
    ///
    /// # #[derive(Deserialize)]
    /// # struct User { id: String }
    /// /// Who is there, told to a user; it ends with the user's other connections.
    /// #[sse("/members")]
    /// async fn members(
    ///     user: Query<User>,
    ///     set: Data<ClientSet<String>>,
    ///     connection: ConnectionHandle,
    ///     everywhere: Everywhere,
    /// ) -> PresenceEvents {
    ///     everywhere.name(&connection, &user.id);
    ///     set.presence()
    /// }
    /// ```
    pub fn name(&self, connection: &ConnectionHandle, key: impl fmt::Display) {
        let (key, queue) = (key.to_string(), connection.queue());
        let mut state = self.room();
        let connections = match state.named.get_mut(&*key) {
            Some(connections) => connections,
            None => state.named.entry(key.into()).or_default(),
        };
        connections.retain(|connection| connection.strong_count() > 0);
        connections.push(Arc::downgrade(queue));
    }

    /// A connection has joined this set.
    pub(crate) fn knows(&self, set: &KnownSet) {
        let place = set.as_ptr().cast::<()>().addr();
        if !lock(&self.0).sets.contains_key(&place) {
            self.room().sets.insert(place, KnownSet::clone(set));
        }
    }

    /// Shows every set and room that a connection has joined and that is there still.
    #[cfg(feature = "inspector")]
    pub(crate) fn look(&self, mut see: impl FnMut(SetLook)) {
        let sets: Vec<KnownSet> = lock(&self.0).sets.values().cloned().collect();
        sets.iter().filter_map(Weak::upgrade).for_each(|set| see(set.look()));
    }

    /// There is a handle of this connection.
    pub(crate) fn holds(&self, connection: &ConnectionHandle) {
        let (id, queue) = (connection.id(), Arc::downgrade(connection.queue()));
        self.room().connections.insert(id, queue);
    }

    /// With room for one more.
    fn room(&self) -> std::sync::MutexGuard<'_, State> {
        let mut state = lock(&self.0);
        let State { sets, connections, named, enough } = &mut *state;
        if sets.len() + connections.len() + named.len() >= *enough {
            sets.retain(|_, set| set.strong_count() > 0);
            connections.retain(|_, connection| connection.strong_count() > 0);
            named.retain(|_, all| all.iter().any(|connection| connection.strong_count() > 0));
            *enough = 2 * (sets.len() + connections.len() + named.len()) + FEW;
        }
        state
    }

    /// What is to be told, to be told and dropped where nothing is locked.
    #[expect(clippy::type_complexity, reason = "two lists")]
    fn found(&self, who: Who<'_>) -> (Vec<Arc<dyn Disconnects>>, Vec<Arc<dyn DirectQueue>>) {
        let state = lock(&self.0);
        let sets = state.sets.values().filter_map(Weak::upgrade).collect();
        let connections = match who {
            Who::Member(key) => {
                let named = state.named.get(key).map_or(&[][..], |named| &**named);
                named.iter().filter_map(Weak::upgrade).collect()
            }
            Who::Client(_) | Who::Named(_) => {
                let id = who.named_here();
                let found = id.and_then(|id| state.connections.get(&id)).and_then(Weak::upgrade);
                found.into_iter().collect()
            }
            Who::All => state.connections.values().filter_map(Weak::upgrade).collect(),
        };
        (sets, connections)
    }
}

/// Ends connections of a set: also at other servers, in all that have their commands in common with it, unless these
/// were given before.
fn end_in(
    set: &Arc<dyn Disconnects>,
    who: Who<'_>,
    ending: &Ending,
    given: &mut Vec<Arc<Commands>>,
) -> usize {
    let Some(commands) = set.commands().filter(|_| who.may_be_elsewhere()) else {
        return set.end(who, ending);
    };
    if given.iter().any(|known| Arc::ptr_eq(known, &commands)) {
        return 0;
    }
    let told = commands.end_in_all(who, ending.clone());
    given.push(commands);
    told
}

impl fmt::Debug for Everywhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Everywhere")
            .field("sets", &lock(&self.0).sets.len())
            .finish_non_exhaustive()
    }
}
