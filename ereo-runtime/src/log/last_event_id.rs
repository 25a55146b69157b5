//! The value that a client comes back with: its place in each set of its stream, `epoch-offset.epoch-offset`.

use std::fmt;

use serde::{Serialize, Serializer};

use super::position::Position;

/// The position from which a client wants to go on, if it has one; of a
/// [merged](crate::Subscription::merge) stream one place for each of its sets.
///
/// As an argument of a route it is an extractor, which refuses nobody: the `last-event-id` header, else
/// `?lastEventID=`. A browser sends the last id that it was given, whoever served that URL before, and never
/// forgets it by itself. So whatever stands there that is no position of ours is one that no set has, and
/// a set's answer to it is [`ResetReason::Epoch`](crate::broadcast::ResetReason::Epoch). The text is not kept: a
/// stream of one's own, with ids of its own, reads the header itself.
///
/// Its text form is that of the `id:` field, empty where there is none; serialized, none is `null`.
///
/// ```
/// use ereo_runtime::{ClientSet, LastEventId};
///
/// let (orders, notices) = (ClientSet::<String>::new(), ClientSet::<String>::new());
/// let last = LastEventId::none();
/// let both = orders.subscribe(last).merge(notices.subscribe(last));
/// let id = format!("{}.{}", orders.position(), notices.position());
/// assert_eq!(both.last_event_id().to_string(), id);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastEventId {
    /// The first `len` count; the others are all [`Position::FOREIGN`].
    places: [Position; MOST],
    len: u8,
}

/// Sets whose places fit into one id: some 500 bytes, which every event of such a stream has, and as much in memory as is
/// handed on by value without a second thought.
const MOST: usize = 15;

impl LastEventId {
    /// No position: start with what comes next.
    pub const fn none() -> Self {
        Self { places: [Position::FOREIGN; MOST], len: 0 }
    }

    /// The position, if the client has one; of a merged stream that of its first set.
    pub fn position(&self) -> Option<Position> {
        self.places().first().copied()
    }

    /// One for each set.
    pub(crate) fn places(&self) -> &[Position] {
        &self.places[..self.len()]
    }

    pub(crate) fn len(&self) -> usize {
        self.len.into()
    }

    /// What a client says. Whatever is none of ours is one place that no set has.
    pub(crate) fn read(text: &str) -> Self {
        let places = text.split('.').map(str::parse::<Position>);
        let read = places.enumerate().try_fold(Self::none(), |read, (index, place)| {
            let place = place.ok().filter(|place| index < MOST && !read.has(*place))?;
            Some(read.and(place.into()))
        });
        read.unwrap_or_else(|| Position::FOREIGN.into())
    }

    /// Whether there is a place in the same life of a set: which of two was meant, nobody knows.
    fn has(&self, place: Position) -> bool {
        self.places().iter().any(|known| known.epoch() == place.epoch())
    }

    /// The places of both, as many as there is room for.
    pub(crate) fn and(mut self, other: Self) -> Self {
        for place in other.places() {
            let len = self.len();
            if let Some(room) = self.places.get_mut(len) {
                *room = *place;
                self.len += 1;
            }
        }
        self
    }
}

impl Default for LastEventId {
    fn default() -> Self {
        Self::none()
    }
}

impl From<Position> for LastEventId {
    fn from(position: Position) -> Self {
        let mut id = Self::none();
        (id.places[0], id.len) = (position, 1);
        id
    }
}

impl From<Option<Position>> for LastEventId {
    fn from(position: Option<Position>) -> Self {
        position.map_or_else(Self::none, Into::into)
    }
}

impl fmt::Display for LastEventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, place) in self.places().iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            fmt::Display::fmt(place, f)?;
        }
        Ok(())
    }
}

/// As its text form.
impl Serialize for LastEventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.len() {
            0 => serializer.serialize_none(),
            _ => serializer.collect_str(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Epoch;

    fn place(offset: u64) -> Position {
        Position::new(Epoch::random(), offset)
    }

    fn foreign() -> LastEventId {
        Position::FOREIGN.into()
    }

    #[test]
    fn the_text_of_one_and_of_several_reads_back() {
        for count in [1, 2, 3, MOST] {
            let places = (0..count).map(|offset| place(offset as u64).into());
            let id = places.fold(LastEventId::none(), LastEventId::and);
            assert_eq!(id.len(), count);
            assert_eq!(LastEventId::read(&id.to_string()), id);
            assert_eq!(serde_json::to_value(id).unwrap(), id.to_string());
        }
        assert_eq!(serde_json::to_value(LastEventId::none()).unwrap(), serde_json::Value::Null);
    }

    #[test]
    fn whatever_is_not_ours_is_one_place_that_no_set_has() {
        let (one, other) = (place(1), place(7));
        let too_many = vec![one.to_string(); MOST + 1].join(".");
        for text in [
            String::new(),
            ".".to_owned(),
            format!("{one}."),
            format!(".{one}"),
            format!("{one}..{other}"),
            format!("{one}.{other} "),
            format!("{one},{other}"),
            format!("{one}.{one}"),
            format!("{one}.{}", Position::new(one.epoch(), 3)),
            format!("{one}.x"),
            "hello".to_owned(),
            too_many,
        ] {
            assert_eq!(LastEventId::read(&text), foreign(), "{text:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let id = (0..40).map(|offset| place(offset).into());
        assert_eq!(id.fold(LastEventId::none(), LastEventId::and).len(), MOST);
    }
}
