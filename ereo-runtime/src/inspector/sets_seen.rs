//! The sets that connections have joined, as one look sees them.

use std::collections::HashMap;

use super::rows::Slowest;
use crate::broadcast::{Everywhere, SetLook};
use crate::server::Registered;

/// A set, and what the connections say of it.
pub(super) struct Seen {
    pub(super) look: SetLook,
    pub(super) name: String,
    pub(super) slowest: Option<Slowest>,
}

pub(super) type SetsSeen = HashMap<usize, Seen>;

/// All sets that connections have joined, but for the inspector's own.
pub(super) fn see_sets(everywhere: &Everywhere, own: usize) -> SetsSeen {
    let mut sets = SetsSeen::new();
    everywhere.look(|look| {
        if look.place == own {
            return;
        }
        sets.insert(look.place, Seen { look, name: String::new(), slowest: None });
    });
    let names: Vec<_> = sets.keys().map(|place| (*place, name(&sets, *place))).collect();
    for (place, name) in names {
        if let Some(seen) = sets.get_mut(&place) {
            seen.name = name;
        }
    }
    sets
}

/// `Feed / lobby`: the type of the messages, and the rooms down to it.
fn name(sets: &SetsSeen, place: usize) -> String {
    let (mut rooms, mut at, mut message) = (Vec::new(), Some(place), "");
    // Rooms have rooms, to any depth; a set that nobody has joined itself is not known.
    while let Some(seen) = at.and_then(|place| sets.get(&place)) {
        message = seen.look.message;
        at = seen.look.room.as_ref().map(|(room, of)| {
            rooms.push(&**room);
            *of
        });
    }
    rooms.push(short(message));
    rooms.reverse();
    rooms.join(" / ")
}

/// A type's name without its modules.
fn short(name: &str) -> &str {
    let end = name.find('<').unwrap_or(name.len());
    name[..end].rfind("::").map_or(name, |at| &name[at + 2..])
}

/// Where a connection is furthest behind: the set's place, the offset that it reads next, and by how many.
pub(super) fn furthest(connection: &Registered, sets: &SetsSeen) -> Option<(usize, u64, u64)> {
    let mut furthest = None;
    connection.readings().each(|set, cursor| {
        let Some(seen) = sets.get(&set) else { return };
        let lag = seen.look.lag(cursor);
        if furthest.is_none_or(|(_, _, most)| lag > most) {
            furthest = Some((set, cursor, lag));
        }
    });
    furthest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_called_by_its_last_name() {
        assert_eq!(short("alloc::string::String"), "String");
        assert_eq!(short("shop::Page<shop::Line>"), "Page<shop::Line>");
        assert_eq!(short("u8"), "u8");
    }
}
