//! The next item for a reader of a set, on its way from the log to the connection's bytes.

use super::delivery::{End, Reset};
use crate::wire::Part;

/// The next thing that a reader finds: made by its source, changed by its views, turned into bytes by its connection.
///
/// A message is an `M`, and a place in the set's order a `P`: an event stream has values and positions; a socket has
/// frames, whose place nobody asks for.
#[derive(Debug, Clone)]
pub enum Item<M, P = ()> {
    /// The message at this place.
    Message(P, M),
    /// A message that has no place in the order; the reader stays where it is.
    Unplaced(M),
    /// The message at this place is not for this reader; its position goes on all the same.
    PassedOver(P),
    /// Several messages as they go out, where those were asked for; the reader stands at this place behind them.
    Batch(Part, P),
    /// Messages are missing; the reader goes on behind this place.
    Reset(Reset, P),
    /// The reader ends, though its set has not.
    Ended(End),
}

impl<M, P> Item<M, P> {
    /// The same with another message.
    pub(crate) fn map<N>(self, view: impl FnOnce(M) -> N) -> Item<N, P> {
        match self {
            Self::Message(place, message) => Item::Message(place, view(message)),
            Self::Unplaced(message) => Item::Unplaced(view(message)),
            Self::PassedOver(place) => Item::PassedOver(place),
            Self::Batch(part, place) => Item::Batch(part, place),
            Self::Reset(reset, place) => Item::Reset(reset, place),
            Self::Ended(end) => Item::Ended(end),
        }
    }

    /// Where the reader stands behind it, if that is somewhere else than before.
    pub(crate) fn place(&self) -> Option<&P> {
        match self {
            Self::Message(place, _)
            | Self::PassedOver(place)
            | Self::Batch(_, place)
            | Self::Reset(_, place) => Some(place),
            Self::Unplaced(_) | Self::Ended(_) => None,
        }
    }
}
