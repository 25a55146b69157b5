//! Why a message was not taken.

use crate::message::{EncodeError, RoomRefused};

/// A message that was not taken: no client sees anything of it.
///
/// Returned from a route's function it is answered as its [`EncodeError`] is, and else with 503 and
/// `Retry-After`; from a socket's function, close code 1011, or 1013 for a store that cannot take it now.
///
/// ```
/// use ereo_runtime::{BroadcastError, ClientSet, EncodeError};
///
/// let set = ClientSet::<String>::builder().max_bytes(1024).build();
/// let refused = set.broadcast(&"x".repeat(4096)).unwrap_err();
/// assert!(matches!(refused, BroadcastError::Encode(EncodeError::TooLarge { .. })));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BroadcastError {
    /// The message cannot be encoded, is too large, or its room is none.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The set's store is behind, and as many messages are held for it as may be
    /// ([`WhenDown::Hold`](super::WhenDown::Hold)).
    #[error("the store is behind, and {held} messages are held for it already")]
    Full {
        /// How many are held.
        held: usize,
    },
    /// The set's store takes nothing now, and the set holds nothing for it
    /// ([`WhenDown::Refuse`](super::WhenDown::Refuse)).
    #[error("the store is down")]
    Down,
}

impl From<RoomRefused> for BroadcastError {
    fn from(why: RoomRefused) -> Self {
        Self::Encode(why.into())
    }
}
