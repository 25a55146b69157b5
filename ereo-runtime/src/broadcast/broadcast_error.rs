//! Why a message was not taken.

use crate::message::{EncodeError, RoomRefused};

/// A message that was not taken: no client sees anything of it.
///
/// Returned from a route's function it is answered as its [`EncodeError`] is; from a socket's function it
/// closes with that one's code.
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
}

impl From<RoomRefused> for BroadcastError {
    fn from(why: RoomRefused) -> Self {
        Self::Encode(why.into())
    }
}
