//! A room that there cannot be.

use crate::meters::counter;

/// Why there is no room of a name; see [`ClientSet::try_room`](crate::broadcast::ClientSet::try_room).
///
/// Returned from a route's function or an `open` hook it is 503 with `Retry-After` where there are too many,
/// and 400 where it is the name; from a socket's function, close code 1008.
///
/// ```
/// use ereo_runtime::{ClientSet, RoomRefused};
///
/// let set = ClientSet::<String>::builder().max_rooms(1).build();
/// let _kept = set.try_room("first")?;
/// assert!(matches!(set.try_room("second"), Err(RoomRefused::TooMany)));
/// # Ok::<_, RoomRefused>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoomRefused {
    /// There are as many rooms as [`Builder::max_rooms`](crate::broadcast::Builder::max_rooms) allows, with
    /// somebody in each.
    #[error("there are too many rooms")]
    TooMany,
    /// The name has more than 255 bytes.
    #[error("the name of the room has more than 255 bytes")]
    NameTooLong,
}

impl RoomRefused {
    /// Counts and traces a refusal.
    pub(crate) fn count(&self) {
        let reason = match self {
            Self::TooMany => "rooms",
            Self::NameTooLong => "room_name",
        };
        counter!("ereo_refused_total", "kind" => "room", "reason" => reason).increment(1);
        tracing::info!(kind = "room", reason, "refused");
    }
}
